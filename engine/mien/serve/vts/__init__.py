"""The plugin API of VTube Studio, as another way in: plugins that were made for it drive a stage.

The protocol is public (https://github.com/DenchiSoft/VTubeStudio). One port, one model: who is the model is
in `Models`. What a plugin injects goes to the stage as held channels, and is let go a second after the last.

- envelope: requests and answers, the numbers of errors
- parameters: VTube Studio's tracking parameters, and what they are in channels
- tracking: what plugins inject: whose, how long, how it is mixed. Pure
- driver: holds and lets go channels by it
- plugins: who may: tokens, kept as hashes in the user's folder
- asking: a person is asked on the terminal
- models: who is the model, where it stands
- hotkeys: what can be triggered: expressions, gestures, drawings, others of the cast
- events: what a plugin subscribed to
- shared: what all plugins share
- answering: what each request does
- discovery: where the port is, by UDP
- session, port: a connection, and the socket
"""
