// The page of `mien serve --webrtc`: picture and sound of the stage, its turns, and what is measured here.
// The token, where the server wants one, is behind the address: /#token=... With /#plain there is the picture alone,
// with its sound: for OBS and its like.
"use strict";

const MOST = 300; // intervals that are kept
const byId = (id) => document.getElementById(id);
const video = byId("stage");
const asked = new URLSearchParams(location.hash.slice(1));
const token = asked.get("token") || "";
const plain = asked.has("plain");
document.body.classList.toggle("plain", plain);
video.muted = !plain;
// What tests read, too.
const measured = { shown: 0, intervals: [], skews: [], freezes: 0, state: "connecting", turns: [], connections: 0 };
window.measured = measured;

let session = "";
let after = 0;
let retry = 0;
let peer = null;
let frameMs = 1000 / 30;

function say(text) {
  measured.state = text;
  byId("status").textContent = byId("notice").textContent = text;
  document.body.classList.toggle("away", text !== "live");
}

function connect() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/`);
  const tell = (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
  socket.onopen = () => tell({ type: "hello", id: 1, token, session, after });
  socket.onmessage = (event) => {
    const told = JSON.parse(event.data);
    if (told.n) after = told.n;
    if (told.type === "welcome") {
      session = told.session;
      retry = 0;
      frameMs = 1000 / told.fps;
      byId("due").textContent = `${frameMs.toFixed(0)} ms`;
      say("waiting for the picture");
      offer(tell);
    } else if (told.type === "answer" && told.id === "offer") {
      peer.setRemoteDescription({ type: "answer", sdp: told.value.sdp });
    } else if (told.type === "event") {
      happened(told);
    } else if (told.type === "error" || told.type === "bye") {
      say(told.sentence);
    }
  };
  socket.onclose = () => {
    if (peer) peer.close();
    const wait = Math.min(5000, 250 * 2 ** retry++);
    say(`not connected; again in ${(wait / 1000).toFixed(1)} s`);
    setTimeout(connect, wait);
  };
}

async function offer(tell) {
  if (peer) peer.close();
  const mine = (peer = new RTCPeerConnection());
  const stream = new MediaStream();
  mine.addTransceiver("video", { direction: "recvonly" });
  mine.addTransceiver("audio", { direction: "recvonly" });
  mine.ontrack = (event) => {
    stream.addTrack(event.track);
    video.srcObject = stream;
  };
  mine.onconnectionstatechange = () => {
    if (mine !== peer) return;
    if (mine.connectionState === "connected") {
      measured.connections += 1;
      say("live");
      byId("sound").hidden = !video.muted;
    }
    if (mine.connectionState === "failed") offer(tell);
  };
  await mine.setLocalDescription(await mine.createOffer());
  // All addresses in one offer: there is no trickle.
  if (mine.iceGatheringState !== "complete") {
    await new Promise((done) => {
      mine.onicegatheringstatechange = () => mine.iceGatheringState === "complete" && done();
      setTimeout(done, 2000);
    });
  }
  if (mine === peer) tell({ type: "offer", id: "offer", sdp: mine.localDescription.sdp });
}

const SAID = { started: "speaking", finished: "heard", dropped: "dropped" };

function happened(event) {
  if (event.kind === "cue") return; // the turn goes on
  const turns = measured.turns;
  let turn = turns.find((one) => one.key === event.turn);
  if (event.turn && !turn) turns.push((turn = { key: event.turn, speaker: event.speaker, state: "", text: "" }));
  if (turn && event.kind === "word") turn.text += `${event.text} `;
  else if (turn) {
    turn.state = event.kind;
    turn.says = event.interrupted ? "interrupted" : SAID[event.kind];
    if (event.text) turn.text = event.text;
  }
  turns.splice(0, turns.length - 8);
  byId("turns").replaceChildren(...turns.map(row));
}

function row(turn) {
  const item = document.createElement("li");
  item.className = turn.state === "started" ? "now" : "";
  for (const [name, text] of [["b", turn.speaker], ["span", turn.says], ["q", turn.text.trim()]]) {
    if (!text) continue;
    const part = document.createElement(name);
    part.textContent = text;
    item.append(part);
  }
  item.title = turn.key;
  return item;
}

// -- what is measured ------------------------------------------------------------------------------

let before = null;
function shown(now, frame) {
  measured.shown = frame.presentedFrames;
  if (before !== null) {
    const interval = frame.expectedDisplayTime - before;
    const known = measured.intervals;
    const mean = known.length ? known.reduce((sum, one) => sum + one, 0) / known.length : interval;
    // As webrtc-stats defines freezeCount.
    if (known.length >= 30 && interval > Math.max(3 * mean, mean + 150)) measured.freezes += 1;
    known.push(interval);
    if (known.length > MOST) known.shift();
  }
  before = frame.expectedDisplayTime;
  video.requestVideoFrameCallback(shown);
}
video.requestVideoFrameCallback(shown);

async function look() {
  if (peer && peer.connectionState === "connected") {
    const played = {};
    for (const report of (await peer.getStats()).values()) {
      if (report.type === "inbound-rtp") played[report.kind] = report.estimatedPlayoutTimestamp;
    }
    if (played.video && played.audio) {
      measured.skews.push(played.audio - played.video); // positive: the sound is further than the picture
      if (measured.skews.length > MOST) measured.skews.shift();
    }
  }
  const sorted = [...measured.intervals].sort((a, b) => a - b);
  const ms = (value) => (value === undefined ? "–" : `${value.toFixed(1)} ms`);
  byId("shown").textContent = measured.shown;
  byId("median").textContent = ms(sorted[sorted.length >> 1]);
  byId("longest").textContent = ms(sorted[sorted.length - 1]);
  byId("freezes").textContent = measured.freezes;
  // While the sound is off browsers hold nothing together.
  byId("skew").textContent = video.muted ? "sound is off" : ms(measured.skews.at(-1));
  draw();
}
setInterval(look, 500);

function draw() {
  const canvas = byId("graph");
  const pen = canvas.getContext("2d");
  const { width, height } = canvas;
  const scale = height / (4 * frameMs);
  pen.clearRect(0, 0, width, height);
  pen.strokeStyle = "#35322e";
  pen.beginPath();
  pen.moveTo(0, height - frameMs * scale);
  pen.lineTo(width, height - frameMs * scale);
  pen.stroke();
  measured.intervals.forEach((interval, k) => {
    pen.fillStyle = interval > 1.5 * frameMs ? "#e7a35b" : "#7fb7a6";
    const tall = Math.min(height, interval * scale);
    pen.fillRect((k * width) / MOST, height - tall, width / MOST - 0.5, tall);
  });
}

byId("sound").onclick = () => {
  video.muted = false;
  byId("sound").hidden = true;
};
connect();
