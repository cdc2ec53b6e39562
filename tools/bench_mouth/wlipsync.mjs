// wLipSync, as its page runs it, over clips: node wlipsync.mjs FOLDER VOWELS CLIP..., FOLDER its package, each
// CLIP mono float32 at 48 kHz; VOWELS is a JSON file, {name: file} of such sounds, by which it is calibrated,
// for it comes without a profile. Writes CLIP.wlipsync, float32 rows of the vowels' weights times the volume
// every 10 ms, and prints the processor time of each in seconds.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, vowels, ...clips] = process.argv.slice(2);
const RATE = 48000, QUANTUM = 128, HOP = 480, COEFFICIENTS = 12, SAMPLES = 12;

// What a browser has of its own: ends of the wire between a node and its processor.
let registered = null, memory = null, instances = [];
globalThis.sampleRate = RATE;
globalThis.currentTime = 0;
globalThis.registerProcessor = (_, made) => { registered = made; };
globalThis.AudioWorkletProcessor = class { constructor() { this.port = { postMessage: () => {} }; } };
globalThis.AudioWorkletNode = class {
  constructor() { this.port = { onmessage: null }; this.parameters = new Map([["blockSize", { value: 512 }]]); }
};
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (module, imports) => {
  memory = imports.env.memory;
  return instantiate.call(WebAssembly, module, imports);
};
const { WLipSyncAudioNode } = await import(pathToFileURL(join(folder, "dist", "wlipsync.js")).href);
const wasmModule = new WebAssembly.Module(readFileSync(join(folder, "dist", "wlipsync.wasm")));
let copies = 0;

const read = (path) => {
  const raw = readFileSync(path);
  return new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
};

// Its module keeps one memory for all processors: each gets a module of its own.
async function fresh(profile, heard) {
  const url = pathToFileURL(join(folder, "dist", "audio-processor.js")).href;
  await import(`${url}?copy=${copies++}`);
  const processor = new registered({ processorOptions: { wasmModule, profile } });
  processor.port.postMessage = heard;
  while (processor.inputBufferIndex === -1) await new Promise((done) => setImmediate(done));
  return processor;
}

function* blocks(sound) {
  for (let at = 0; at + QUANTUM <= sound.length; at += QUANTUM) {
    globalThis.currentTime = at / RATE;
    yield sound.subarray(at, at + QUANTUM);
  }
}

const profileOf = (mfccs, count) => ({
  targetSampleRate: 16000, sampleCount: 1024, melFilterBankChannels: 30, compareMethod: 2, mfccNum: mfccs.length,
  mfccDataCount: count, useStandardization: false, mfccs,
});
const entry = (name, arrays) => ({ name, mfccCalibrationDataList: arrays.map((array) => ({ array })) });
const parameters = { blockSize: [512] };

// As uLipSync does it: coefficients of a sound that is held, one after the other.
async function calibrated() {
  const found = [];
  for (const [name, path] of Object.entries(JSON.parse(readFileSync(vowels, "utf8")))) {
    const kept = [], nothing = new Array(COEFFICIENTS).fill(1);
    const processor = await fresh(profileOf([entry("any", [nothing]), entry("other", [nothing])], 1), ({ volume }) => {
      const view = new DataView(memory.buffer, processor.exports.mfccOut.value, 4 * COEFFICIENTS);
      kept.push({ volume, array: Array.from({ length: COEFFICIENTS }, (_, i) => view.getFloat32(4 * i, true)) });
    });
    for (const block of blocks(read(path))) processor.process([[block]], [], parameters);
    kept.sort((a, b) => b.volume - a.volume);
    const step = Math.max(1, Math.floor(kept.length / 2 / SAMPLES)); // of the louder half
    found.push(entry(name, kept.filter((_, i) => i % step === 0).slice(0, SAMPLES).map((one) => one.array)));
  }
  return profileOf(found, SAMPLES);
}

const profile = await calibrated();
for (const clip of clips) {
  const sound = read(clip), count = Math.ceil(sound.length / HOP), names = profile.mfccs.map((one) => one.name);
  const node = new WLipSyncAudioNode({}, profile, wasmModule);
  const processor = await fresh(profile, (data) => node.onMessage({ data }));
  const rows = new Float32Array(count * names.length);
  const began = process.cpuUsage();
  const given = blocks(sound);
  for (let row = 0, at = 0; row < count; row++) {
    for (; at + QUANTUM <= Math.min((row + 1) * HOP, sound.length); at += QUANTUM) {
      processor.process([[given.next().value]], [], parameters);
    }
    names.forEach((name, i) => { rows[row * names.length + i] = node.weights[name] * node.volume; });
  }
  const spent = process.cpuUsage(began);
  writeFileSync(clip + ".wlipsync", new Uint8Array(rows.buffer));
  console.log((spent.user + spent.system) / 1e6);
}
