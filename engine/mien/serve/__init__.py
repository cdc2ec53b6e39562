"""`mien serve`: a stage for programs elsewhere, and everything that is the same whatever way they come.

The core knows no socket. A way in (the WebSocket server here; others beside it) does this:

1. `performance = Performance(open_stage, allowed)`; `open()` once, `close()` at the end. It is shared by all
   ways in of a server: all tell one stage, and all are told what happens.
2. For each client a `Client` of `Clients` (a session, with what was not told yet, and its `Streams` of
   sound), which it finds again by its secret after its connection was lost.
3. Messages: `coding.command_of(text)` gives a command (`commands`), or raises `BadMessage` with the answer.
   Stage commands go to `performance.do(command, client.streams)`, a future; `answers.answered` makes of its
   end what is told. Those of a session (`SessionCommand`) to `house.settle`. Sound comes as `coding.Chunk`s
   for `client.streams.take`. What is told goes to `client.tell`, which numbers and keeps it.
4. What happens comes to a `performance.listen(listener)`, as `replies.Event` and `Warned`.
5. Frames and their sound: `performance.frames.add(sink)` with a `show(Shown)`: the whole picture in the
   engine's memory, and what was heard. `Renditions` makes files of them, each once for all who want the same.

So another way in (WebRTC, with its offer as a command of the session; another program's API on a port of its
own) is a module beside `server`, with the same `Performance`, and with the same `House` where it shares its
sessions. A command more is a structure in `commands`, listed in its union, and a row in `doing` or a case in
`house.settle`.

- limits: what is taken of clients at most
- sounds, parts, session_commands, commands, replies: the messages, as structures
- coding: messages to values and back
- wrong: the sentence for a message that means nothing
- schema: the messages as JSON Schema and AsyncAPI
- allowed: which files and addresses a client may name
- streams: sound in pieces, and mouth shapes that come while it does
- doing: what each command does on a stage
- frames, readiness, queued, performance: the stage and what comes of it
- outbox, clients: sessions
- answers: how a command ended, as it is told
- renditions: frames as files, for many at once
- access: who may connect
- pages: what is asked for by HTTP
- house: what all connections share, on one loop: sessions, their commands, what is sent of frames
- strangers: connections whose peer is not known yet
- connection, server: WebSockets
- steady: frames and their sound on one clock
- broadcast, webrtc: pages, by WebRTC
- links, sinks, camera: what a stream is written with
- relay, sent, srt: streams that a process of its own sends
- outlets: streams, each with a queue of its own
- vts: another way in, the plugin API of VTube Studio
"""
