// HeadAudio, as its page runs it, over clips: node headaudio.mjs FOLDER CLIP..., FOLDER its package, each CLIP
// mono float32 at 48 kHz. Writes CLIP.headaudio, float32 rows of its 15 shapes every 10 ms, and prints
// the processor time of each in seconds.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, ...clips] = process.argv.slice(2);
const RATE = 48000, QUANTUM = 128, HOP = 480;

// What a browser has of its own: ends of the wire between a node and its processor.
globalThis.AudioWorkletNode = class {
  constructor() { this.port = { postMessage: () => {}, onmessage: null }; this.parameters = new Map(); }
};
const load = (name) => import(pathToFileURL(join(folder, "modules", name)).href);
const { HeadAudio } = await load("headaudio.mjs");
const { Processor } = await load("processor.mjs");
const { Training } = await load("training.mjs");

const bytes = readFileSync(join(folder, "dist", "model-en-mixed.bin"));
globalThis.fetch = async () => new Response(bytes);

for (const clip of clips) {
  const raw = readFileSync(clip);
  const sound = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
  const node = new HeadAudio({}, {});
  const processor = new Processor({ sampleRate: RATE }, {
    port: { postMessage: (data) => node._onmessage({ data }) },
  });
  const { model } = await new Training().loadModel("model");
  processor._onmessage({ data: { event: "model", model } });
  const count = Math.ceil(sound.length / HOP), shapes = node.nVisemes;
  const rows = new Float32Array(count * shapes), now = new Float32Array(shapes);
  // A shape is full at its maximum, which the node multiplies with for the taste of its own characters.
  node.onvalue = (name, value) => {
    const i = node.visemeNames.indexOf(name);
    now[i] = value / node.visemeMaxs[i];
  };
  const began = process.cpuUsage();
  let given = 0;
  for (let row = 0; row < count; row++) {
    for (; given + QUANTUM <= (row + 1) * HOP && given < sound.length; given += QUANTUM) {
      processor.process(sound.subarray(given, Math.min(given + QUANTUM, sound.length)));
    }
    node.update(10);
    rows.set(now, row * shapes);
  }
  const spent = process.cpuUsage(began);
  writeFileSync(clip + ".headaudio", new Uint8Array(rows.buffer));
  console.log((spent.user + spent.system) / 1e6);
}
