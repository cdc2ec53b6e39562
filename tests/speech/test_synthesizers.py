"""Synthesizers speak with exact times; one that is not there, hangs, dies or lies is a sentence."""

# ruff: noqa: RUF001 - other scripts, and IPA, have letters that look like Latin ones

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import wave
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import numpy as np
import pytest

import mien
from mien.errors import AssetMissing, Closed, ScriptError, SynthesizerFailed
from mien.speech import espeak, piper
from mien.speech.program import Program
from mien.speech.speech import Speech, as_wav, joined
from mien.speech.synthesizer import MOST_LETTERS, plain_of
from mien.speech.worker import Worker

needs_espeak = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed: apt install espeak-ng"
)
WAV = as_wav(b"\1\2" * 2000, 16000)
READY = (
    "import json, sys\nsay = lambda **said: print(json.dumps(said), flush=True)\nsay(ready=True, bytes=0)\n"
)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No voices of whoever runs the tests."""
    monkeypatch.delenv("MIEN_PIPER_VOICES", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def program(folder: Path, name: str, script: str) -> Path:
    """A program of the shell's."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def worker(script: str, timeout_s: float = 30.0) -> Worker:
    return Worker([sys.executable, "-I", "-S", "-c", script], "espeak-ng", timeout_s)


# -- espeak-ng itself -----------------------------------------------------------------------------


@needs_espeak
def test_espeak_tells_words_and_phones_to_the_sample_and_no_tag_is_spoken() -> None:
    with mien.open_synthesizer("en-gb", name="espeak-ng") as synthesizer:
        assert (synthesizer.name, synthesizer.voice) == ("espeak-ng", "en-gb")
        assert {"en-gb", "de", "fr"} <= set(synthesizer.voices())
        speech = synthesizer.speak("[happy] Hello there! [nod] It is Bob.")
    # The same whenever a synthesizer is opened: what was spoken before moves it by some samples.
    with mien.open_synthesizer("en-gb", name="espeak-ng") as synthesizer:
        assert synthesizer.speak("Hello there! It is Bob.").audio == speech.audio
    assert speech.text == "[happy] Hello there! [nod] It is Bob."
    assert [word.text for word in speech.words] == ["Hello", "there!", "It", "is", "Bob."]
    assert speech.timings is not None and speech.timings.scheme == "espeak"
    with wave.open(io.BytesIO(speech.audio)) as file:
        rate, count = file.getframerate(), file.getnframes()
        sound = np.frombuffer(file.readframes(count), np.int16).astype(float) / 32768
    assert abs(speech.duration_s - count / rate) < 1e-6
    # Pauses are silent and vowels are loud, where the times say so.
    level = {
        label: np.abs(sound[round(start * rate) : round(end * rate)]).mean()
        for label, start, end in speech.timings.marks
        if end - start > 0.05
    }
    assert level["_:"] < 0.01 and min(level["oU"], level["0"]) > 0.05
    for (_, _, end), (_, start, _) in zip(speech.timings.marks, speech.timings.marks[1:], strict=False):
        assert abs(end - start) < 1e-6 or start > end
    assert all(a.end_s <= b.start_s for a, b in zip(speech.words, speech.words[1:], strict=False))


@needs_espeak
def test_it_fits_straight_into_a_turn_and_cues_come_with_their_words(tmp_path: Path) -> None:
    with mien.open_synthesizer("en", name="espeak-ng") as synthesizer:
        speech = synthesizer.speak("Hello. [happy] Good evening!")
    with mien.open_stage({"wren": "wren"}, size=(64, 48)) as stage:
        stage.say("wren", speech.audio, speech.text, words=speech.words, timings=speech.timings)
        frames = sum(1 for _ in stage.frames(tail_s=0.0))
        assert not stage.warnings
    assert abs(frames / 30 - speech.duration_s) < 0.1
    happy = next(word.start_s for word in speech.words if word.text == "Good")
    assert 0.5 < happy < speech.duration_s


@needs_espeak
def test_sentences_come_one_by_one_and_together_they_are_the_whole() -> None:
    text = "One two three. [surprised] Four? Five!"
    with mien.open_synthesizer("en", name="espeak-ng") as synthesizer:
        parts = list(synthesizer.sentences(text))
        assert [part.text for part in parts] == ["One two three.", "[surprised] Four?", "Five!"]
    with mien.open_synthesizer("en", name="espeak-ng") as synthesizer:
        whole = synthesizer.speak(text)
    assert joined(text, parts) == whole
    assert abs(sum(part.duration_s for part in parts) - whole.duration_s) < 1e-6


@needs_espeak
def test_speed_and_pitch_are_heard_and_voices_that_are_not_there_are_told() -> None:
    lengths = []
    for speed in (0.5, 1.0, 2.0):
        with mien.open_synthesizer("en", name="espeak-ng", speed=speed) as synthesizer:
            lengths.append(synthesizer.speak("One two three four.").duration_s)
    assert lengths[0] > 1.5 * lengths[1] > 2.0 * lengths[2]
    with mien.open_synthesizer("en", name="espeak-ng", pitch=2.0) as synthesizer:
        high = synthesizer.speak("One.").audio
    with mien.open_synthesizer("en+f3", name="espeak-ng") as synthesizer:
        assert synthesizer.speak("One.").audio != high
    with pytest.raises(ScriptError, match="espeak-ng has no voice 'en-gbb'; did you mean 'en-gb'"):
        mien.open_synthesizer("en-gbb")
    for voice in ("../../etc/passwd", "/etc/passwd", "-x", "en gb;x", "e" * 100):
        with pytest.raises(ScriptError, match=r"voice cannot be"):
            mien.open_synthesizer(voice)


@needs_espeak
@pytest.mark.parametrize(
    "text",
    [
        "-x --stdout -w /tmp/x",
        "<speak><break time='9s'/>hi</speak>",
        "[[h@loU]] a",
        "a\x1b[31m\x07b",
        "\u200f\u202eabc",
        "مرحبا hi",
        "😀 hi 🎉",
        "x" * 3000,
        "1" * 400,
        "a,b;c:d" * 300,
        "&lt; & hi",
        "Ünïcödé q̃",
    ],
)
def test_hostile_text_is_spoken_as_text(text: str) -> None:
    with mien.open_synthesizer("en", name="espeak-ng") as synthesizer:
        speech = synthesizer.speak(text)
    assert speech.duration_s > 0.1
    with mien.open_stage({"wren": "wren"}, size=(64, 48)) as stage:
        stage.say("wren", speech.audio, speech.text, words=speech.words, timings=speech.timings)


# -- what cannot be spoken ------------------------------------------------------------------------


class Fixed(mien.Synthesizer):
    """One that always gives the same."""

    def __init__(self, *parts: Speech | None) -> None:
        super().__init__("espeak-ng", "en")
        self.parts, self.heard = list(parts), list[str]()

    def voices(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        pass

    def _part(self, text: str, *, last: bool) -> Speech | None:
        self.heard.append(text)
        return self.parts.pop(0)


def test_a_text_that_is_none_is_refused_before_anybody_is_asked() -> None:
    synthesizer = Fixed()
    for text in (None, 3, b"bytes", "", "  ", "[happy]", "...", "a\0b", "\ud800"):
        with pytest.raises(ScriptError, match=r"^text cannot be"):
            synthesizer.speak(text)  # type: ignore[arg-type]
        with pytest.raises(ScriptError, match=r"^text cannot be"):
            synthesizer.sentences(text)  # type: ignore[arg-type]
    with pytest.raises(ScriptError, match="text cannot have 1000000 letters: give at most 20000"):
        synthesizer.speak("a" * 1_000_000)
    assert synthesizer.heard == [] and MOST_LETTERS == 20_000


def test_what_makes_no_sound_goes_with_the_next_and_all_of_it_is_told() -> None:
    sound = Speech("", WAV, 0.125)
    (only,) = Fixed(None, sound).sentences("[happy] Hm. Yes.")
    assert only.text == "[happy] Hm. Yes."
    with pytest.raises(SynthesizerFailed, match=r"made no sound of 'Hm\.' with voice 'en'"):
        Fixed(None).speak("Hm.")


def test_what_steers_a_synthesizer_is_not_sent() -> None:
    assert plain_of("[happy] a\x07\x1b[[h@]]") == "a    h@  "


def test_a_joined_speech_has_times_only_where_all_of_it_has() -> None:
    timed = Speech(
        "a", WAV, 0.125, (mien.Word("a", 0.0, 0.1),), mien.VisemeTimings("ipa", (("a", 0.0, 0.1),))
    )
    whole = joined("a a", [timed, timed])
    assert whole.words[1] == mien.Word("a", 0.125, 0.225) and whole.duration_s == 0.25
    assert whole.timings is not None and whole.timings.marks[1] == ("a", 0.125, 0.225)
    bare = joined("a b", [timed, Speech("b", WAV, 0.125)])
    assert bare.words == () and bare.timings is None and len(bare.audio) == len(whole.audio)


# -- processes that fail --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("import sys; sys.exit('no data file')", r"ended before it had spoken \(status 1: no data file\)"),
        ("import os; os.kill(os.getpid(), 11)", r"\(SIGSEGV\)"),
        ("print('hello')", "gave an answer that is none"),
        ("print('[]')", "gave an answer that is none"),
        (
            READY + "sys.stdin.readline(); say(rate=1, bytes=10**6); print('short')",
            "ended before it had spoken",
        ),
        (
            READY + "sys.stdin.readline(); say(error='it is broken', kind='OSError')",
            "could not speak it: it is broken",
        ),
        (READY + "sys.stdin.readline(); say(rate=1, bytes=10**12)", "ended before it had spoken"),
        (READY, "ended before it had spoken"),
    ],
)
def test_a_process_that_fails_is_one_sentence(script: str, says: str) -> None:
    one = worker(script)
    with pytest.raises(SynthesizerFailed, match=says):
        one.ask({"text": "hi"})
    one.close()


def test_one_that_hangs_is_ended_and_one_that_ended_is_started_anew(tmp_path: Path) -> None:
    hanging = worker(READY + "import threading; threading.Event().wait()", 0.3)
    with pytest.raises(SynthesizerFailed, match=r"gave no answer within 0\.3 s and was ended"):
        hanging.ask({})
    hanging.close()
    mark = tmp_path / "once"
    script = (
        f"import os\nif not os.path.exists({str(mark)!r}):\n open({str(mark)!r}, 'w').close(); os._exit(3)\n"
        + READY
        + "for line in sys.stdin: say(got=line, bytes=0)"
    )
    anew = worker(script)
    with pytest.raises(SynthesizerFailed, match=r"status 3"):
        anew.ask({"n": 1})
    assert anew.ask({"n": 2})[0]["got"] == '{"n": 2}\n'
    anew.close()
    anew.close()
    with pytest.raises(Closed, match="closed"):
        anew.ask({})


def test_a_process_ends_with_who_asked_it() -> None:
    one = worker(READY + "import os; say(pid=os.getpid(), bytes=0)\nfor line in sys.stdin: pass")
    one.hello()
    process = one._process
    assert process is not None and process.poll() is None
    del one
    assert process.poll() is not None


def test_one_that_is_closed_while_it_starts_is_ended_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever closed it did not see the process yet, and waited for its answer, 30 s of them."""
    begin = subprocess.Popen
    made = list[subprocess.Popen[bytes]]()

    def popen(*given: Any, **named: Any) -> subprocess.Popen[bytes]:
        # Its last call is `close` of another thread, up to where that waits for its turn.
        one._closed = True
        made.append(begin(*given, **named))
        return made[-1]

    script = program(tmp_path, "p", "exec sleep 1000")
    ones: tuple[Worker | Program, ...] = (
        Worker([str(script)], "piper", 1000.0),
        Program([str(script)], "piper", 1000.0),
    )
    for one in ones:
        monkeypatch.setattr(subprocess, "Popen", popen)
        with pytest.raises(Closed, match="was closed while it spoke"):
            one.ask({}) if isinstance(one, Worker) else one.spoken("a")
        monkeypatch.setattr(subprocess, "Popen", begin)
        assert made.pop().returncode == -9
        one.close()


def test_what_a_process_lacks_while_it_speaks_is_a_sentence_and_no_error_of_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = READY + (
        "sys.stdin.readline(); say(rate=1, words=[], phones=[], bytes=0)\n"
        "sys.stdin.readline(); say(error='library', kind='LookupError', bytes=0)"
    )
    monkeypatch.setattr(espeak, "worker_command", lambda: [sys.executable, "-I", "-S", "-c", answers])
    with (
        mien.open_synthesizer(name="espeak-ng") as synthesizer,
        pytest.raises(SynthesizerFailed, match=r"espeak-ng is not all there \(library\): install it anew\."),
    ):
        synthesizer.speak("Hi.")


def test_one_that_reads_no_more_is_late_however_long_the_text() -> None:
    """What is larger than a pipe holds was written outside the time that an answer may take."""
    deaf = worker(READY + "import threading; threading.Event().wait()", 0.3)
    with pytest.raises(SynthesizerFailed, match=r"gave no answer within 0\.3 s and was ended"):
        deaf.ask({"text": "a" * 1_000_000})
    deaf.close()


def test_no_process_can_be_started() -> None:
    with pytest.raises(SynthesizerFailed, match="cannot be started"):
        Worker(["/nowhere/python"], "piper", 1.0).hello()


# -- programs -------------------------------------------------------------------------------------


def test_a_program_speaks_what_comes_to_its_input_and_what_it_writes_may_have_any_header(
    tmp_path: Path,
) -> None:
    file = tmp_path / "sound.wav"
    file.write_bytes(WAV[:4] + b"\xff\xff\xff\x7f" + WAV[8:40] + b"\x00\xf0\xff\x7f" + WAV[44:])
    one = Program([str(program(tmp_path, "p", f"cat > {tmp_path}/heard; cat {file}"))], "piper", 30.0)
    sound, rate = one.spoken("-x\na  b")
    assert (len(sound), rate) == (4000, 16000)
    assert (tmp_path / "heard").read_text() == "-x a b\n"
    one.close()
    with pytest.raises(Closed):
        one.spoken("a")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo boom >&2; exit 3", r"piper ended before it had spoken \(status 3: boom\)"),
        ("echo no wav", "gave 7 bytes that are no sound"),
        ("exit 0", "gave 0 bytes that are no sound"),
        ("kill -9 $$", "SIGKILL"),
        ("exec sleep 1000", r"gave no answer within 0\.3 s"),
    ],
)
def test_a_program_that_fails_is_one_sentence(script: str, says: str, tmp_path: Path) -> None:
    one = Program([str(program(tmp_path, "p", script))], "piper", 0.3 if "sleep" in script else 30.0)
    with pytest.raises(SynthesizerFailed, match=says):
        one.spoken("a")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's scripts are none there")
def test_a_script_that_starts_the_program_is_ended_with_it(tmp_path: Path) -> None:
    """The script alone was ended, and what it had started held its output open: nobody came back, ever."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        child = (
            "import socket, threading\n"
            f"held = socket.create_connection({listening.getsockname()!r})\n"
            "threading.Event().wait()"
        )
        script = program(tmp_path, "p", f'{sys.executable} -I -S -c "{child}" & wait')
        one = Program([str(script)], "piper", 1000.0)
        done = Queue[str]()

        def speak() -> None:
            try:
                one.spoken("a")
            except Closed as error:
                done.put(str(error))

        thread = Thread(target=speak, daemon=True)
        thread.start()
        listening.settimeout(60)
        held, _ = listening.accept()
        one.close()
        assert "was closed while it spoke" in done.get(timeout=60)
        held.settimeout(60)
        assert held.recv(1) == b"", "what the script had started has ended"
        held.close()


# -- which is opened ------------------------------------------------------------------------------


def test_where_none_is_installed_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = "say(error='library', kind='LookupError', bytes=0)"
    monkeypatch.setattr(
        espeak,
        "worker_command",
        lambda: [sys.executable, "-c", READY.replace("say(ready=True, bytes=0)", missing)],
    )
    assert mien.synthesizers() == ()
    with pytest.raises(
        SynthesizerFailed, match=r"no speech synthesizer is installed: install espeak-ng \(`apt"
    ):
        mien.open_synthesizer()
    with pytest.raises(SynthesizerFailed, match="espeak-ng is not installed: install it"):
        mien.open_synthesizer(name="espeak-ng")
    with pytest.raises(SynthesizerFailed, match="piper has no voice here"):
        mien.open_synthesizer(name="piper")
    # Its program alone speaks without times.
    (tmp_path / "sound").write_bytes(WAV)
    program(tmp_path, "espeak-ng", f'echo "$@" > {tmp_path}/asked; /bin/cat {tmp_path}/sound')
    with mien.open_synthesizer("de", speed=2, pitch=0.5) as synthesizer:
        speech = synthesizer.speak("Hallo. Du!")
    assert (speech.duration_s, speech.words, speech.timings) == (0.25, (), None)
    assert (tmp_path / "asked").read_text() == "--stdout --stdin -b1 -vde -s350 -p0\n"
    assert mien.synthesizers() == ("espeak-ng",)


def voice(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.onnx"
    file.write_bytes(b"model")
    Path(f"{file}.json").write_text("{}")
    return file


def test_voices_of_piper_are_found_where_they_lie_and_its_program_speaks_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sound").write_bytes(WAV)
    program(tmp_path / "bin", "piper", f'echo "$@" > {tmp_path}/asked; /bin/cat {tmp_path}/sound')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(piper.metadata, "distribution", _absent)
    joe = voice(tmp_path / "data" / "piper-voices" / "en" / "joe", "en_US-joe-medium")
    mine = voice(tmp_path / "mine", "mine")
    monkeypatch.setenv("MIEN_PIPER_VOICES", os.pathsep.join((str(mine), str(tmp_path / "nowhere"))))
    assert mien.synthesizers()[:1] == ("piper",)
    with mien.open_synthesizer() as synthesizer:
        assert (synthesizer.name, synthesizer.voice) == ("piper", "mine")
        assert synthesizer.voices() == ("mine", "en_US-joe-medium")
        assert synthesizer.speak("-x hi").timings is None
    for named in ("en_US-joe-medium", joe, str(joe)):
        with mien.open_synthesizer(named, speed=2) as synthesizer:
            synthesizer.speak("hi")
        assert (tmp_path / "asked").read_text() == f"--model {joe} --output_file - --length_scale 0.500\n"
    with pytest.raises(AssetMissing, match=r"no voice 'en_US-jo' here; did you mean 'en_US-joe-medium'"):
        mien.open_synthesizer("en_US-jo", name="piper")
    with pytest.raises(AssetMissing, match=r"other\.onnx is not there; a voice of piper's needs it"):
        mien.open_synthesizer(tmp_path / "other.onnx")
    Path(f"{mine}.json").unlink()
    with pytest.raises(AssetMissing, match=r"mine\.onnx\.json is not there"):
        mien.open_synthesizer(mine)
    with pytest.raises(ScriptError, match="pitch cannot be 2 with piper"):
        mien.open_synthesizer(joe, pitch=2)


def _absent(name: str) -> None:
    raise piper.metadata.PackageNotFoundError(name)


FAKE_PIPER = """
class SynthesisConfig:
    def __init__(self, speaker_id=None, length_scale=None): self.length_scale = length_scale
class Aligned:
    def __init__(self, phoneme, num_samples): self.phoneme, self.num_samples = phoneme, num_samples
class Chunk:
    sample_rate, phonemes = 100, list("haɪ.")
    audio_int16_bytes = bytes(2 * 60)
    phoneme_alignments = [Aligned(p, 10) for p in ("^", *"haɪ.", "$")]
class PiperVoice:
    @staticmethod
    def load(model_path): print("a library talks"); return PiperVoice()
    def synthesize(self, text, syn_config=None, include_alignments=False):
        if not include_alignments or syn_config.length_scale != 0.5: raise ValueError("not asked")
        yield Chunk()
"""


def test_piper_in_a_python_of_its_own_tells_its_phones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Its program names the Python that has it; -I has that look at nothing but what is installed there.
    (tmp_path / "piper.py").write_text(FAKE_PIPER, encoding="utf-8")
    python = tmp_path / "python3"
    python.write_text(
        f'#!/bin/sh\nshift; cd {tmp_path}; exec {sys.executable} -c "import sys; '
        "sys.path.insert(0, '.'); sys.argv[:] = sys.argv[1:]; import runpy; "
        'runpy.run_path(sys.argv[0], run_name=\'__main__\')" "$@"\n'
    )
    python.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "piper").write_text(f"#!{python}\n")
    (tmp_path / "bin" / "piper").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    monkeypatch.setattr(piper.metadata, "distribution", _absent)
    with mien.open_synthesizer(voice(tmp_path, "v"), speed=2) as synthesizer:
        first, second = synthesizer.sentences("[nod] Hi. Hi.")
    assert first.words == (mien.Word("Hi.", 0.1, 0.4),) and first.timings is not None
    assert first.timings.marks[:3] == (("", 0.0, 0.1), ("h", 0.1, 0.2), ("a", 0.2, 0.3))
    assert (first.duration_s, second.duration_s) == (0.8, 0.6)
    # Another program of that name has no such package.
    (tmp_path / "piper.py").write_text("raise ImportError('mice')")
    with pytest.raises(SynthesizerFailed, match="piper is not installed"):
        mien.open_synthesizer(voice(tmp_path, "v"))


def test_wrong_options_are_refused_by_name() -> None:
    for options, says in (
        ({"speed": 0}, "speed cannot be 0"),
        ({"pitch": 9}, "pitch cannot be 9"),
        ({"timeout_s": 0}, "timeout_s cannot be 0"),
        ({"name": "festival"}, "name cannot be 'festival'"),
        ({"voice": 7}, "voice cannot be 7"),
        ({"voice": ""}, "voice cannot be ''"),
    ):
        with pytest.raises(ScriptError, match=says):
            mien.open_synthesizer(**options)  # type: ignore[arg-type]
