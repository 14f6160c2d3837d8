// A network: a list of operations, carried out one after the other.

const OPERATIONS = {
  normalise: (array, of, weights) => {
    const mean = weights(of.mean);
    return mapped(array, (value, i) => (value - mean.data[i]) / of.scale);
  },
  restore: (array, of, weights) => {
    const mean = weights(of.mean);
    return mapped(array, (value, i) => value * of.scale + mean.data[i]);
  },
  dense: (array, of, weights) => dense(array, weights(of.kernel), weights(of.bias)),
  convolution: (array, of, weights) => convolution(array, weights(of.kernel), weights(of.bias), of.stride),
  silu: (array) => silu(array),
  layer_norm: (array, of, weights) => layerNorm(array, weights(of.scale), weights(of.bias), of.epsilon),
  residual: (array, of, weights) => sum(array, run(of.inner, array, weights)),
  beside_linear: (array, of, weights) => {
    const inner = run(of.inner, array, weights);
    const linear = dense(array, weights(of.kernel), weights(of.bias));
    return { shape: inner.shape, data: sum(linear, inner, of.gate).data };
  },
  edge_pad: (array, of) => edgePadded(array, of.before, of.after),
  depth_to_space: (array) => depthToSpace(array),
  crop: (array, of) => cropped(array, of.before, of.side),
  reshape: (array, of) => ({ shape: of.shape, data: array.data }),
};

function run(operations, array, weights) {
  return operations.reduce((value, of) => OPERATIONS[of.kind](value, of, weights), array);
}
