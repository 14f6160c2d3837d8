// Distances from points and points from distances.

function distanceMatrix(points) {
  const number = points.length;
  const data = new Float64Array(number * number);
  for (let i = 0; i < number; i++) {
    for (let j = 0; j < i; j++) {
      const distance = Math.sqrt((points[i][0] - points[j][0]) ** 2 + (points[i][1] - points[j][1]) ** 2);
      data[i * number + j] = data[j * number + i] = distance;
    }
  }
  return { shape: [number, number], data };
}

function boxCorners(boxSide) {
  return [[0, 0], [boxSide, 0], [0, boxSide], [boxSide, boxSide]];
}

// Positions from distances to the four corners of the box, the last four rows and columns.
function coordinatesFromAnchors(distances, boxSide) {
  const side = distances.shape[0], number = side - 4;
  const points = [];
  for (let i = 0; i < number; i++) {
    const squared = [0, 1, 2, 3].map((corner) => {
      const there = distances.data[i * side + number + corner], back = distances.data[(number + corner) * side + i];
      return (0.5 * (there + back)) ** 2;
    });
    const x = (squared[0] - squared[1] + squared[2] - squared[3]) / (4 * boxSide);
    const y = (squared[0] - squared[2] + squared[1] - squared[3]) / (4 * boxSide);
    points.push([x + boxSide / 2, y + boxSide / 2]);
  }
  return points;
}

// Eigenvalues and eigenvectors (columns) of a symmetric matrix by Jacobi's rotations.
function eigenDecomposition(matrix, number) {
  const a = Float64Array.from(matrix), vectors = new Float64Array(number * number);
  for (let i = 0; i < number; i++) vectors[i * number + i] = 1;
  const rotate = (array, first, second, cosine, sine) => {
    const [x, y] = [array[first], array[second]];
    array[first] = cosine * x - sine * y;
    array[second] = sine * x + cosine * y;
  };
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0, total = 0;
    for (let i = 0; i < number; i++) {
      for (let j = 0; j < number; j++) {
        total += a[i * number + j] ** 2;
        if (i !== j) off += a[i * number + j] ** 2;
      }
    }
    if (off <= 1e-28 * total) break;
    for (let p = 0; p < number; p++) {
      for (let q = p + 1; q < number; q++) {
        const here = a[p * number + q];
        if (here === 0) continue;
        const theta = (a[q * number + q] - a[p * number + p]) / (2 * here);
        const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const cosine = 1 / Math.sqrt(tangent * tangent + 1), sine = tangent * cosine;
        for (let k = 0; k < number; k++) rotate(a, k * number + p, k * number + q, cosine, sine);
        for (let k = 0; k < number; k++) rotate(a, p * number + k, q * number + k, cosine, sine);
        for (let k = 0; k < number; k++) rotate(vectors, k * number + p, k * number + q, cosine, sine);
      }
    }
  }
  const values = Array.from({ length: number }, (_, i) => a[i * number + i]);
  return { values, vectors };
}

// Symmetric, none negative, zero diagonal: the nearest matrix that could hold distances.
function symmetrised(distances) {
  const number = distances.shape[0];
  const data = Float64Array.from(distances.data, (value, place) => {
    const i = Math.floor(place / number), j = place % number;
    return i === j ? 0 : Math.max(0.5 * (value + distances.data[j * number + i]), 0);
  });
  return { shape: distances.shape, data };
}

// Points around their centroid with (nearly) these distances: the two largest eigenvalues of Gram's matrix.
function pointsFromDistances(distances) {
  const number = distances.shape[0];
  const squared = distances.data.map((value) => value * value);
  const means = new Float64Array(number);
  for (let i = 0; i < number; i++) {
    for (let j = 0; j < number; j++) means[i] += squared[i * number + j] / number;
  }
  const overall = means.reduce((total, mean) => total + mean / number, 0);
  const gram = squared.map((value, place) =>
    -0.5 * (value - means[Math.floor(place / number)] - means[place % number] + overall));
  const { values, vectors } = eigenDecomposition(gram, number);
  const largest = values.map((_, i) => i).sort((i, j) => values[j] - values[i]).slice(0, 2);
  return Array.from({ length: number }, (_, i) => {
    const point = largest.map((k) => vectors[i * number + k] * Math.sqrt(Math.max(values[k], 0)));
    return point.length < 2 ? [point[0], 0] : point;
  });
}

// The points at rest like a tumbler toy: on the side of their convex hull nearest the centre of mass, at y = 0.
function tumbled(points) {
  const number = points.length;
  const centre = [0, 1].map((axis) => points.reduce((total, point) => total + point[axis], 0) / number);
  const around = points.map(([x, y]) => [x - centre[0], y - centre[1]]);
  const rounding = 1e-9 * Math.max(...around.flat().map(Math.abs), 0);
  let best = { distance: Infinity, rotation: Infinity, along: [1, 0] };
  for (let i = 0; i < number; i++) {
    for (let j = 0; j < number; j++) {
      const apart = [around[j][0] - around[i][0], around[j][1] - around[i][1]];
      const length = Math.hypot(...apart);
      if (length <= rounding) continue;
      const [cosine, sine] = apart.map((part) => part / length);
      const distance = sine * around[i][0] - cosine * around[i][1];
      const foot = -(cosine * around[i][0] + sine * around[i][1]);
      if (foot < -rounding || foot > length + rounding) continue;
      if (around.some(([x, y]) => distance + cosine * y - sine * x < -rounding)) continue;
      const rotation = Math.abs(Math.atan2(sine, cosine));
      const isNearer = distance < best.distance - rounding;
      const isAsNear = Math.abs(distance - best.distance) <= rounding && rotation < best.rotation;
      if (isNearer || isAsNear) best = { distance, rotation, along: [cosine, sine] };
    }
  }
  const [cosine, sine] = best.along;
  const heights = around.map(([x, y]) => cosine * y - sine * x);
  const floor = Math.min(...heights);
  return around.map(([x, y], i) => [centre[0] + cosine * x + sine * y, heights[i] - floor]);
}
