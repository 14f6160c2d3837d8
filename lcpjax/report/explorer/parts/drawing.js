// Pictures on canvases: a frame with axes, particles in their box, a matrix of distances.

function element(id) {
  return document.getElementById(id);
}

function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// The context of a canvas, cleared, in CSS pixels.
function cleared(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.clearRect(0, 0, width, height);
  context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return { context, width, height };
}

// Two to six round numbers between two values.
function roundNumbers(from, to) {
  const rough = (to - from) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const numbers = [];
  for (let k = Math.ceil(from / step); k * step <= to + 1e-9 * step; k++) numbers.push(Number((k * step).toPrecision(6)));
  return numbers;
}

// A frame with ticks and labels; gives the functions that place a value on it, and the frame itself.
function framed(canvas, { x, y, xLabel, yLabel }) {
  const { context, width, height } = cleared(canvas);
  const left = 46, right = width - 10, top = 10, bottom = height - 38;
  const atX = (value) => left + ((value - x[0]) / (x[1] - x[0])) * (right - left);
  const atY = (value) => bottom - ((value - y[0]) / (y[1] - y[0])) * (bottom - top);
  context.strokeStyle = ink("line");
  context.fillStyle = ink("soft");
  context.lineWidth = 1;
  context.strokeRect(left, top, right - left, bottom - top);
  context.textAlign = "center";
  for (const value of roundNumbers(...x)) {
    line(context, [[atX(value), bottom], [atX(value), bottom + 4]]);
    context.fillText(String(value).replace("-", "−"), atX(value), bottom + 16);
  }
  context.fillText(xLabel, (left + right) / 2, bottom + 32);
  context.textAlign = "right";
  for (const value of roundNumbers(...y)) {
    line(context, [[left - 4, atY(value)], [left, atY(value)]]);
    context.fillText(String(value).replace("-", "−"), left - 7, atY(value) + 4);
  }
  context.save();
  context.translate(12, (top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(yLabel, 0, 0);
  context.restore();
  return { context, atX, atY, left, right, top, bottom };
}

function line(context, places) {
  context.beginPath();
  places.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}

function disc(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

const TOO_CLOSE = 0.9;

// Particles as discs of one sigma; those too close to another one are marked.
function drawParticles(canvas, points, boxSide, fill) {
  const { context, width } = cleared(canvas);
  // What lies outside the box is shown as well, the box then smaller.
  const spread = Math.max(boxSide / 2, ...points.flat().map((value) => Math.abs(value - boxSide / 2)));
  const scale = (width / 2 - 2) / (spread + 0.5);
  const at = ([x, y]) => [width / 2 + (x - boxSide / 2) * scale, width / 2 - (y - boxSide / 2) * scale];
  const [left, top] = at([0, boxSide]);
  context.lineWidth = 1.5;
  context.strokeStyle = ink("soft");
  context.strokeRect(left, top, boxSide * scale, boxSide * scale);
  for (const [i, point] of points.entries()) {
    const isClose = points.some((other, j) => j !== i && Math.hypot(point[0] - other[0], point[1] - other[1]) < TOO_CLOSE);
    disc(context, ...at(point), 0.5 * scale);
    context.globalAlpha = 0.75;
    context.fillStyle = isClose ? ink("warn") : fill;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = ink("dot-edge");
    context.stroke();
  }
}

function colourOf(colours, share) {
  const place = Math.min(Math.max(share, 0), 1) * (colours.length - 1);
  const below = Math.floor(place), above = Math.min(below + 1, colours.length - 1), between = place - below;
  return [1, 3, 5].map((at) => {
    const [low, high] = [below, above].map((i) => parseInt(colours[i].slice(at, at + 2), 16));
    return Math.round(low + (high - low) * between);
  });
}

// A matrix of distances as an image, with its colour bar in sigma.
function drawMatrix(canvas, matrix, longest, colours) {
  const { context, width, height } = cleared(canvas);
  const number = matrix.shape[0];
  const image = new ImageData(number, number);
  matrix.data.forEach((value, place) => image.data.set([...colourOf(colours, value / longest), 255], 4 * place));
  const small = document.createElement("canvas");
  small.width = small.height = number;
  small.getContext("2d").putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  const side = Math.min(width, height - 40);
  context.drawImage(small, 0, 0, side, side);
  for (let x = 0; x < side; x++) {
    context.fillStyle = `rgb(${colourOf(colours, x / side)})`;
    context.fillRect(x, side + 8, 1.5, 10);
  }
  context.fillStyle = ink("soft");
  for (const [share, align] of [[0, "left"], [0.5, "center"], [1, "right"]]) {
    context.textAlign = align;
    const value = (share * longest).toFixed(share ? 1 : 0);
    context.fillText(share === 0.5 ? `${value} sigma` : value, share * side, side + 34);
  }
}
