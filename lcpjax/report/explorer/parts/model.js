// The trained model: codes from configurations, and matrices and points from codes.

class Model {
  constructor(content) {
    const weights = weightsOf(content.weights);
    const { system, representation, networks, real } = content;
    Object.assign(this, { weights, system, representation, networks, latentDim: content.latent_dim, whyNoEncoder: content.why_no_encoder });
    const template = representation.template && weights(representation.template);
    this.template = template && pointsOf(template.data);
    this.gammas = real.gammas;
    this.gammaIndex = real.gamma_index;
    this.codes = rowsOf(weights(real.codes));
    this.configurations = configurationsOf(real.positions, system);
    this.matrices = this.configurations.map(distanceMatrix);
    this.plane = { mean: weights(real.plane.mean).data, axes: rowsOf(weights(real.plane.axes)), explained: real.plane.explained };
    this.potential = POTENTIALS[system.pair_potential];
  }

  ordered(points) {
    const isCanonical = this.representation.mirror === "canonical";
    const image = isCanonical ? canonicalImage(points, this.system.box_side) : points;
    return ORDERINGS[this.representation.ordering](image, this.template);
  }

  represented(points) {
    if (this.representation.name === "coordinates") {
      return { shape: [points.length, 2], data: Float64Array.from(points.flat()) };
    }
    const isAnchored = this.representation.name === "anchored_distances";
    return distanceMatrix(isAnchored ? [...points, ...boxCorners(this.system.box_side)] : points);
  }

  get encodes() {
    return this.networks.encoder !== null;
  }

  encode(points) {
    return run(this.networks.encoder, this.represented(this.ordered(points)), this.weights).data;
  }

  // What the decoder gives, in the representation.
  decodeSample(code) {
    const output = run(this.networks.decoder, { shape: [code.length], data: code }, this.weights);
    return this.networks.gives_points ? this.represented(pointsOf(output.data)) : output;
  }

  // The decoded matrix of distances, the particles, and whether their place in the box is the model's own.
  decode(code) {
    const output = run(this.networks.decoder, { shape: [code.length], data: code }, this.weights);
    const { name } = this.representation;
    if (this.networks.gives_points || name === "coordinates") {
      const points = pointsOf(output.data);
      return { matrix: distanceMatrix(points), points, knowsPlace: true };
    }
    if (name === "anchored_distances") {
      return { matrix: cornerOf(output, this.system.num_particles), points: coordinatesFromAnchors(output, this.system.box_side), knowsPlace: true };
    }
    const resting = tumbled(pointsFromDistances(symmetrised(output)));
    return { matrix: output, points: resting.map(([x, y]) => [x + this.system.box_side / 2, y]), knowsPlace: false };
  }

  // Row of the real configuration whose distances differ least, and by how much, in sigma.
  nearest(matrix) {
    let best = { row: 0, rmsd: Infinity };
    this.matrices.forEach((real, row) => {
      const difference = rmsd(matrix, real);
      if (difference < best.rmsd) best = { row, rmsd: difference };
    });
    return best;
  }

  // Place of a code in the plane of the two principal components.
  inPlane(code) {
    return this.plane.axes.map((axis) => axis.reduce((total, part, i) => total + part * (code[i] - this.plane.mean[i]), 0));
  }

  // The code moved within the plane, until it lies at a place; what the plane does not show stays.
  movedInPlane(code, place) {
    const now = this.inPlane(code);
    return Float64Array.from(code, (value, i) =>
      value + this.plane.axes.reduce((total, axis, k) => total + (place[k] - now[k]) * axis[i], 0));
  }

  nearestGamma(gamma) {
    const gaps = this.gammas.map((each) => Math.abs(each - gamma));
    return gaps.indexOf(Math.min(...gaps));
  }

  rowsOfGamma(index) {
    return this.gammaIndex.flatMap((each, row) => (each === index ? [row] : []));
  }
}

// Root mean square difference of two matrices of distances, in sigma.
function rmsd(first, second) {
  let squares = 0;
  for (let i = 0; i < first.data.length; i++) squares += (first.data[i] - second.data[i]) ** 2;
  return Math.sqrt(squares / first.data.length);
}

function rowsOf(array) {
  const [rows, columns] = array.shape;
  return Array.from({ length: rows }, (_, row) => array.data.subarray(row * columns, (row + 1) * columns));
}

function pointsOf(data) {
  return Array.from({ length: data.length / 2 }, (_, i) => [data[2 * i], data[2 * i + 1]]);
}

function cornerOf(matrix, number) {
  const data = new Float64Array(number * number);
  for (let i = 0; i < number; i++) {
    for (let j = 0; j < number; j++) data[i * number + j] = matrix.data[i * matrix.shape[0] + j];
  }
  return { shape: [number, number], data };
}

function configurationsOf(base64, system) {
  const bytes = bytesOf(base64), view = new DataView(bytes.buffer);
  const numbers = Float64Array.from({ length: bytes.length / 2 }, (_, i) => (view.getUint16(2 * i, true) / 65535) * system.box_side);
  const each = 2 * system.num_particles;
  return Array.from({ length: numbers.length / each }, (_, row) => pointsOf(numbers.subarray(row * each, (row + 1) * each)));
}
