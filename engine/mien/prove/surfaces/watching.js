// Watches the page of `mien serve --webrtc` from within: which mark each picture carries that the browser shows, and
// the sound that it plays. Run by mien.prove; what it has seen is asked for at the end.
"use strict";
(() => {
  const [ACROSS, DOWN, SIDE] = [__ACROSS__, __DOWN__, __SIDE__];
  const watched = { pictures: [], holds: [], blocks: [], clock: [], error: "" };
  window.watched = watched;
  const video = document.getElementById("stage");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [ACROSS * SIDE, DOWN * SIDE];
  const pen = canvas.getContext("2d", { willReadFrequently: true });

  // The mean of the middle of each cell, as a letter each: "0" is black, "_" is white.
  function cells() {
    pen.drawImage(video, 0, 0, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
    const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
    const [first, last] = [SIDE >> 2, SIDE - (SIDE >> 2)];
    let told = "";
    for (let row = 0; row < DOWN; row += 1) {
      for (let column = 0; column < ACROSS; column += 1) {
        let sum = 0;
        for (let y = row * SIDE + first; y < row * SIDE + last; y += 1) {
          for (let x = column * SIDE + first; x < column * SIDE + last; x += 1) sum += pixels[4 * (y * canvas.width + x) + 1];
        }
        told += String.fromCharCode(48 + Math.round((sum / (last - first) ** 2) * (47 / 255)));
      }
    }
    return told;
  }

  function shown(now, frame) {
    watched.pictures.push([frame.expectedDisplayTime, cells()]);
    video.requestVideoFrameCallback(shown);
  }
  video.requestVideoFrameCallback(shown);

  // Pictures that came to the browser since the beginning.
  async function received() {
    for (const report of (await peer.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "video") return report.framesReceived;
    }
    return 0;
  }
  let first = 0;
  watched.begin = async () => {
    watched.pictures.length = 0;
    first = await received();
  };
  watched.came = async () => (await received()) - first;

  // How long the page could not look, to 2 ms: a timer comes every 4 ms, and a stall begins somewhere between two.
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    if (now - last > 12) watched.holds.push([last + 2, now]);
    last = now;
  }, 4);

  window.stall = (ms) => {
    const from = performance.now();
    while (performance.now() - from < ms);
    return [from, performance.now()];
  };

  window.listen = async () => {
    const context = new AudioContext({ sampleRate: 48000 });
    const code = `registerProcessor("tap", class extends AudioWorkletProcessor {
      process(inputs) {
        const heard = inputs[0][0];
        if (heard) this.port.postMessage([currentFrame, heard.slice()]);
        return true;
      }
    })`;
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    const tap = new AudioWorkletNode(context, "tap", { channelCount: 1, channelCountMode: "explicit" });
    tap.port.onmessage = (told) => watched.blocks.push(told.data);
    context.createMediaStreamSource(video.srcObject).connect(tap);
    tap.connect(context.destination);
    await context.resume();
    setInterval(() => {
      const at = context.getOutputTimestamp();
      watched.clock.push([at.contextTime, at.performanceTime]);
    }, 100);
    return context.state;
  };

  // The sound as 16 bits in base64, from its first block on; what was lost between blocks is silence.
  window.heard = () => {
    if (!watched.blocks.length) return { first: 0, sound: "" };
    const first = watched.blocks[0][0];
    const end = watched.blocks.at(-1);
    const sound = new Int16Array(end[0] - first + end[1].length);
    for (const [at, block] of watched.blocks) {
      block.forEach((value, k) => (sound[at - first + k] = 32767 * Math.max(-1, Math.min(1, value))));
    }
    const bytes = new Uint8Array(sound.buffer);
    let text = "";
    for (let k = 0; k < bytes.length; k += 32768) text += String.fromCharCode(...bytes.subarray(k, k + 32768));
    return { first, sound: btoa(text) };
  };
})();
