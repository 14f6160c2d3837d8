// The page: its state, and what each control does to it.

// So that there is something to see before anything is pressed.
const SWEEPS_AT_FIRST = 150;

class Explorer {
  constructor(content) {
    this.model = new Model(content);
    this.colours = { ...content.colours, gammas: [] };
    this.gammasOn = { light: content.colours.gammas, dark: content.colours.gammas_on_dark };
    this.chooseColours();
    this.sliders = content.real.sliders;
    this.decoded = new Decoded(this.model, this.colours);
    this.plane = new Plane(element("plane"), this.model, this.colours.gammas, (chosen) => this.choose(chosen));
    this.plane.current = () => this.code;
    this.live = new LiveFluid(this.model, this.colours);
    this.random = makeRandom(7);
    this.makeLegend();
    this.makeSliders();
    this.makeControls();
    this.choose({ row: 0 });
    for (let i = 0; i < SWEEPS_AT_FIRST; i++) this.live.sweep();
    this.live.encode(() => this.redraw());
    this.live.show();
  }

  // A real code by its row, a place in the plane, or zero.
  choose({ row, place, zero }) {
    // Who chooses a code wants to look at it, whatever the live fluid does.
    element("follows").checked = false;
    if (zero) this.setStart(null, new Float64Array(this.model.latentDim));
    else if (row !== undefined) this.setStart(row, Float64Array.from(this.model.codes[row]));
    else this.setCode(this.model.movedInPlane(this.code, place), "a point in the plane");
  }

  // The code that the sliders move around.
  setStart(row, code) {
    this.start = { row, code };
    element("around-zero").checked = row === null;
    element("around-real").checked = row !== null;
    const gamma = row === null ? "" : `, gamma ${this.model.gammas[this.model.gammaIndex[row]]}`;
    this.setCode(Float64Array.from(code), row === null ? "zero" : `test configuration ${row}${gamma}`, row);
  }

  // row: of the configuration whose code it is, if it is that of a test configuration.
  setCode(code, name, row = null) {
    Object.assign(this, { code, row });
    element("code-name").textContent = name;
    this.sliders.latents.forEach(({ index }, i) => {
      this.inputs[i].value = code[index];
      this.outputs[i].textContent = code[index].toFixed(2).replace("-", "−");
    });
    this.redraw();
  }

  redraw() {
    this.plane.draw(this.code, this.live.trail);
    this.result = this.decoded.of(this.code);
    this.decoded.show(this.result, this.row);
  }

  follow(code) {
    if (element("follows").checked) this.setCode(Float64Array.from(code), "the live fluid's code");
    else this.plane.draw(this.code, this.live.trail);
  }

  randomRow() {
    return Math.floor(this.random() * this.model.codes.length);
  }

  // Of the scheme that the page is shown in; whoever draws with them keeps the same list.
  chooseColours() {
    const isDark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    this.colours.gammas.splice(0, Infinity, ...this.gammasOn[isDark ? "dark" : "light"]);
  }

  makeLegend() {
    element("legend").replaceChildren(...this.model.gammas.map((gamma, index) => {
      const item = document.createElement("li"), dot = document.createElement("span");
      dot.className = "dot";
      dot.style.background = this.colours.gammas[index];
      item.append(dot, `gamma ${gamma}`);
      return item;
    }));
  }

  makeSliders() {
    const { unit, latents } = this.sliders;
    this.inputs = [];
    this.outputs = [];
    element("sliders").replaceChildren(...latents.map(({ index, relevance, reach }) => {
      const label = document.createElement("label"), input = document.createElement("input");
      const name = document.createElement("span"), output = document.createElement("output");
      name.textContent = `latent ${index} (${unit === "nats" ? `${relevance.toFixed(2)} nats` : `variance ${relevance.toPrecision(2)}`})`;
      const most = Math.max(3, Math.ceil(1.2 * reach));
      Object.assign(input, { type: "range", min: -most, max: most, step: most / 100 });
      input.addEventListener("input", () => {
        const code = Float64Array.from(this.code);
        code[index] = Number(input.value);
        element("follows").checked = false;
        this.setCode(code, "moved by hand");
      });
      this.inputs.push(input);
      this.outputs.push(output);
      label.append(name, input, output);
      return label;
    }));
  }

  makeControls() {
    const onClick = (id, action) => element(id).addEventListener("click", action);
    const onChange = (id, action) => element(id).addEventListener("input", action);
    onChange("takes-real", () => (this.plane.takesReal = true));
    onChange("takes-point", () => (this.plane.takesReal = false));
    onChange("around-zero", () => this.choose({ zero: true }));
    onChange("around-real", () => this.choose({ row: this.randomRow() }));
    onChange("follows", () => this.advance(0));
    onClick("random-code", () => this.choose({ row: this.randomRow() }));
    onClick("reset", () => this.setStart(this.start.row, this.start.code));
    this.makeFluidControls(onClick, onChange);
    window.addEventListener("resize", () => this.redrawAll());
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.chooseColours();
      this.makeLegend();
      this.redrawAll();
    });
  }

  makeFluidControls(onClick, onChange) {
    const { live } = this;
    const gamma = element("gamma"), temperature = element("temperature");
    const most = Math.max(...this.model.gammas);
    Object.assign(gamma, { min: 0, max: Math.max(1.5, 1.5 * most), step: 0.05 });
    Object.assign(temperature, { min: 0.4, max: Math.max(3, 2 * this.model.system.temperature), step: 0.05 });
    gamma.value = live.fluid.gamma;
    temperature.value = live.fluid.temperature;
    const changed = () => {
      this.sayConditions();
      live.set(Number(gamma.value), Number(temperature.value));
      live.show();
    };
    onChange("gamma", changed);
    onChange("temperature", changed);
    onClick("start", () => this.setRunning(!live.isRunning));
    onClick("step", () => this.advance(1));
    onClick("scatter", () => {
      live.scatter();
      this.advance(0);
    });
    onClick("restart", () => {
      live.restart(Number(gamma.value), Number(temperature.value), Number(element("seed").value) || 0);
      this.advance(0);
    });
    element("no-encoder").hidden = this.model.encodes;
    element("why-no-encoder").textContent = this.model.whyNoEncoder;
    for (const each of document.querySelectorAll(".encoded, #follows-label")) each.hidden = !this.model.encodes;
    this.sayConditions();
  }

  sayConditions() {
    element("gamma-value").textContent = Number(element("gamma").value).toFixed(2);
    element("temperature-value").textContent = Number(element("temperature").value).toFixed(2);
  }

  setRunning(isRunning) {
    this.live.isRunning = isRunning;
    element("start").textContent = isRunning ? "Pause" : "Start";
    if (isRunning) this.frame();
  }

  frame() {
    if (!this.live.isRunning) return;
    this.advance(SWEEPS_A_FRAME);
    window.requestAnimationFrame(() => this.frame());
  }

  advance(numSweeps) {
    for (let i = 0; i < numSweeps; i++) this.live.sweep();
    this.live.encode((code) => this.follow(code));
    this.live.show();
  }

  redrawAll() {
    this.redraw();
    this.live.show();
  }
}

const explorer = new Explorer(JSON.parse(element("content").textContent));
