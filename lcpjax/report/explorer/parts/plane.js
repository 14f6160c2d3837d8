// The plane of the codes' two principal components: dots to look at, and a place to choose.

class Plane {
  constructor(canvas, model, colours, choose) {
    Object.assign(this, { canvas, model, colours, choose });
    this.places = model.codes.map((code) => model.inPlane(code));
    this.extents = [0, 1].map((axis) => extent(this.places.map((place) => place[axis]).concat(model.inPlane(new Float64Array(model.latentDim))[axis])));
    this.takesReal = true;
    canvas.addEventListener("click", (event) => this.clicked(event));
    canvas.addEventListener("keydown", (event) => this.pressed(event));
  }

  draw(code, fluidTrail) {
    const share = this.model.plane.explained.map((each) => `${(100 * each).toFixed(0)} % of the variance`);
    this.frame = framed(this.canvas, {
      x: this.extents[0], y: this.extents[1],
      xLabel: `first component (${share[0]})`, yLabel: `second component (${share[1]})`,
    });
    const { context, atX, atY, left, top, right, bottom } = this.frame;
    context.save();
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    context.lineWidth = 0.8;
    context.strokeStyle = ink("dot-edge");
    this.places.forEach(([x, y], row) => {
      disc(context, atX(x), atY(y), 3.6);
      context.fillStyle = this.colours[this.model.gammaIndex[row]];
      context.globalAlpha = 0.85;
      context.fill();
      context.globalAlpha = 1;
      context.stroke();
    });
    this.drawTrail(fluidTrail);
    const [x, y] = this.model.inPlane(code);
    this.drawCross(Math.min(Math.max(atX(x), left + 8), right - 8), Math.min(Math.max(atY(y), top + 8), bottom - 8));
    context.restore();
  }

  drawTrail(trail) {
    if (!trail.length) return;
    const { context, atX, atY } = this.frame;
    const places = trail.map(([x, y]) => [atX(x), atY(y)]);
    context.strokeStyle = ink("accent");
    context.lineWidth = 2;
    context.globalAlpha = 0.6;
    line(context, places);
    context.globalAlpha = 1;
    const [x, y] = places[places.length - 1];
    context.fillStyle = ink("accent");
    context.strokeStyle = ink("panel");
    context.beginPath();
    [[0, -8], [8, 0], [0, 8], [-8, 0]].forEach(([u, v]) => context.lineTo(x + u, y + v));
    context.closePath();
    context.fill();
    context.stroke();
  }

  drawCross(x, y) {
    const { context } = this.frame;
    for (const [colour, width] of [[ink("panel"), 6], [ink("text"), 2.5]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      disc(context, x, y, 9);
      context.stroke();
      line(context, [[x - 13, y], [x + 13, y]]);
      line(context, [[x, y - 13], [x, y + 13]]);
    }
  }

  clicked(event) {
    const { left, right, top, bottom } = this.frame;
    const box = this.canvas.getBoundingClientRect();
    const x = (event.clientX - box.left - left) / (right - left), y = (bottom - (event.clientY - box.top)) / (bottom - top);
    this.take([x, y].map((share, axis) => this.extents[axis][0] + share * (this.extents[axis][1] - this.extents[axis][0])));
  }

  take(place) {
    if (!this.takesReal) return this.choose({ place });
    const sizes = this.extents.map(([low, high]) => high - low);
    const gaps = this.places.map((each) => Math.hypot((each[0] - place[0]) / sizes[0], (each[1] - place[1]) / sizes[1]));
    return this.choose({ row: gaps.indexOf(Math.min(...gaps)) });
  }

  pressed(event) {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (event.key === "Home") this.choose({ zero: true });
    else if (!direction) return;
    else if (this.takesReal) this.toNeighbour(direction);
    else {
      const now = this.model.inPlane(this.current());
      this.choose({ place: now.map((value, axis) => value + (direction[axis] * (this.extents[axis][1] - this.extents[axis][0])) / 30) });
    }
    event.preventDefault();
  }

  // The real code that is next in a direction: not farther aside than ahead.
  toNeighbour(direction) {
    const now = this.model.inPlane(this.current());
    let best = { row: -1, length: Infinity };
    this.places.forEach((place, row) => {
      const [u, v] = place.map((value, axis) => (value - now[axis]) / (this.extents[axis][1] - this.extents[axis][0]));
      const ahead = u * direction[0] + v * direction[1], aside = Math.abs(u * direction[1] - v * direction[0]);
      if (ahead > 1e-9 && aside <= ahead && ahead + aside < best.length) best = { row, length: ahead + aside };
    });
    if (best.row >= 0) this.choose({ row: best.row });
  }
}

function extent(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = 0.06 * (high - low) || 1;
  return [low - margin, high + margin];
}
