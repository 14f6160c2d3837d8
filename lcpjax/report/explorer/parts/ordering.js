// Orders of the particles. A configuration is a list of [x, y], in sigma.

function sortedBy(points, key) {
  const keys = points.map(key);
  const order = points.map((_, i) => i).sort((a, b) => keys[a] - keys[b]);
  return order.map((i) => points[i]);
}

const ORDERINGS = {
  none: (points) => points,
  height: (points) => sortedBy(points, (point) => point[1]),
  lowest: (points) => {
    const lowest = points.reduce((low, point) => (point[1] < low[1] ? point : low));
    return sortedBy(points, (point) => (point[0] - lowest[0]) ** 2 + (point[1] - lowest[1]) ** 2);
  },
  hilbert: (points) => {
    const side = Math.max(...points.flat());
    return sortedBy(points, (point) => hilbertIndex(point, side > 0 ? side : 1));
  },
  template: (points, template) => assigned(points, template),
};

// Place of a point on a Hilbert curve of 16 levels.
function hilbertIndex(point, side) {
  const cells = 2 ** 16;
  let [x, y] = point.map((value) => Math.min(Math.max(Math.floor((value / side) * cells), 0), cells - 1));
  let index = 0;
  for (let half = cells / 2; half >= 1; half /= 2) {
    const right = x >= half, upper = y >= half;
    index = index * 4 + (right ? (upper ? 2 : 3) : upper ? 1 : 0);
    x %= half;
    y %= half;
    // Through its first quarter and its last one the curve runs mirrored at a diagonal.
    if (!upper) [x, y] = right ? [half - 1 - y, half - 1 - x] : [y, x];
  }
  return index;
}

// The points in the order in which the sum of squared distances to the template's is smallest (Kuhn and Munkres).
function assigned(points, template) {
  const number = points.length;
  const cost = (i, j) => (template[i][0] - points[j][0]) ** 2 + (template[i][1] - points[j][1]) ** 2;
  const rowPrice = new Float64Array(number + 1), columnPrice = new Float64Array(number + 1);
  const rowOf = new Int32Array(number + 1), before = new Int32Array(number + 1);
  for (let row = 1; row <= number; row++) {
    rowOf[0] = row;
    const least = new Float64Array(number + 1).fill(Infinity), isUsed = new Uint8Array(number + 1);
    let column = 0;
    do {
      isUsed[column] = 1;
      let step = Infinity, next = 0;
      for (let j = 1; j <= number; j++) {
        if (isUsed[j]) continue;
        const reduced = cost(rowOf[column] - 1, j - 1) - rowPrice[rowOf[column]] - columnPrice[j];
        if (reduced < least[j]) [least[j], before[j]] = [reduced, column];
        if (least[j] < step) [step, next] = [least[j], j];
      }
      for (let j = 0; j <= number; j++) {
        if (isUsed[j]) {
          rowPrice[rowOf[j]] += step;
          columnPrice[j] -= step;
        } else least[j] -= step;
      }
      column = next;
    } while (rowOf[column] !== 0);
    for (; column; column = before[column]) rowOf[column] = rowOf[before[column]];
  }
  const found = new Array(number);
  for (let j = 1; j <= number; j++) found[rowOf[j] - 1] = points[j - 1];
  return found;
}

// Of a configuration and its mirror image the one whose centre lies left.
function canonicalImage(points, boxSide) {
  const mean = points.reduce((total, point) => total + point[0], 0) / points.length;
  return mean > boxSide / 2 ? points.map(([x, y]) => [boxSide - x, y]) : points;
}
