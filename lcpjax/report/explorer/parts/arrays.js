"use strict";
// Arrays: {shape, data}, the last axis fastest, channels last. Weights are float32, sums are double.

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function sizeOf(shape) {
  return shape.reduce((product, side) => product * side, 1);
}

// A function that gives the array at a place in the long row of weights.
function weightsOf(base64) {
  const bytes = bytesOf(base64);
  const view = new DataView(bytes.buffer);
  const row = new Float32Array(bytes.length / 4);
  for (let i = 0; i < row.length; i++) row[i] = view.getFloat32(4 * i, true);
  return (place) => ({ shape: place.shape, data: row.subarray(place.at, place.at + sizeOf(place.shape)) });
}

function mapped(array, change) {
  return { shape: array.shape, data: Float64Array.from(array.data, change) };
}

function sum(first, second, factor = 1) {
  return mapped(first, (value, i) => value + factor * second.data[i]);
}

function silu(array) {
  return mapped(array, (value) => value / (1 + Math.exp(-value)));
}

function dense(array, kernel, bias) {
  const [inputs, outputs] = kernel.shape;
  const data = Float64Array.from(bias.data);
  for (let i = 0; i < inputs; i++) {
    const value = array.data[i];
    for (let o = 0, at = i * outputs; o < outputs; o++, at++) data[o] += value * kernel.data[at];
  }
  return { shape: [outputs], data };
}

// With zeros around, as many as keep ceil(side / stride) places; one more after than before where they are odd.
function convolution(array, kernel, bias, stride) {
  const [height, width, inputs] = array.shape;
  const [down, across, , outputs] = kernel.shape;
  const places = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const top = Math.floor(Math.max((places[0] - 1) * stride + down - height, 0) / 2);
  const left = Math.floor(Math.max((places[1] - 1) * stride + across - width, 0) / 2);
  const data = new Float64Array(places[0] * places[1] * outputs);
  for (let row = 0, to = 0; row < places[0]; row++) {
    for (let column = 0; column < places[1]; column++, to += outputs) {
      for (let o = 0; o < outputs; o++) data[to + o] = bias.data[o];
      for (let y = 0; y < down; y++) {
        const fromRow = row * stride + y - top;
        if (fromRow < 0 || fromRow >= height) continue;
        for (let x = 0; x < across; x++) {
          const fromColumn = column * stride + x - left;
          if (fromColumn < 0 || fromColumn >= width) continue;
          const from = (fromRow * width + fromColumn) * inputs;
          let at = (y * across + x) * inputs * outputs;
          for (let i = 0; i < inputs; i++) {
            const value = array.data[from + i];
            for (let o = 0; o < outputs; o++, at++) data[to + o] += value * kernel.data[at];
          }
        }
      }
    }
  }
  return { shape: [...places, outputs], data };
}

function layerNorm(array, scale, bias, epsilon) {
  const number = array.data.length;
  let mean = 0, variance = 0;
  for (const value of array.data) mean += value / number;
  for (const value of array.data) variance += (value - mean) ** 2 / number;
  const root = Math.sqrt(variance + epsilon);
  return mapped(array, (value, i) => ((value - mean) / root) * scale.data[i] + bias.data[i]);
}

// A square of images of which every place is read from another: from(row, column, channel) -> place.
function gathered(array, height, width, channels, from) {
  const data = new Float64Array(height * width * channels);
  let to = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let channel = 0; channel < channels; channel++) data[to++] = array.data[from(row, column, channel)];
    }
  }
  return { shape: [height, width, channels], data };
}

function edgePadded(array, before, after) {
  const side = array.shape[0];
  const channels = array.shape[2] || 1;
  const inside = (place) => Math.min(Math.max(place - before, 0), side - 1);
  const padded = side + before + after;
  return gathered(array, padded, padded, channels,
    (row, column, channel) => (inside(row) * side + inside(column)) * channels + channel);
}

// Each place's channels become a square of 2 x 2 places.
function depthToSpace(array) {
  const [height, width, channels] = array.shape;
  const quarter = channels / 4;
  return gathered(array, 2 * height, 2 * width, quarter, (row, column, channel) => {
    const corner = 2 * (row % 2) + (column % 2);
    return ((row >> 1) * width + (column >> 1)) * channels + corner * quarter + channel;
  });
}

function cropped(array, before, side) {
  const [, width, channels] = array.shape;
  return gathered(array, side, side, channels,
    (row, column, channel) => ((row + before) * width + column + before) * channels + channel);
}
