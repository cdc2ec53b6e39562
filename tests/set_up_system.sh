#!/bin/bash
# The system that tests/test_set_up.py plays: one program under many names. In $FAKE are who calls (uid), what is
# installed, where to pause, and what was called (calls).
name=${0##*/}
real() { PATH=/usr/bin:/bin command "$@"; }
word() { local line; [ -e "$1" ] && read -r line <"$1" && echo "$line"; } # its first line
echo "$name $*" >>"$FAKE/calls"

pause() { # pause WHERE: say that this point is reached, and wait to be told `go` or `die`
  [ "$(word "$FAKE/pause")" = "$1" ] || return 0
  real rm "$FAKE/pause"
  echo "$1" >"$FAKE/reached"
  [ "$(word "$FAKE/told")" = go ] || exit 1
}
put() { real mkdir -p "${1%/*}" && echo "$2" >"$1"; }
program() { real mkdir -p "${1%/*}" && real ln -sf "$FAKE/program" "$1"; }
python() { # python VERSION NAME
  program "$MIEN_SYSTEM_ROOT/usr/bin/$2"
  put "$FAKE/versions/$2" "$1"
}
library() { put "$MIEN_SYSTEM_ROOT/usr/lib/x86_64-linux-gnu/$1" library; }
install() {
  echo "$1" >>"$FAKE/installed"
  case $1 in
    python3) python "$(word "$FAKE/debian-python")" python3 ;;
    python3.1[0-9]) python "${1#python}" "$1" ;;
    python3*-venv) : >"$FAKE/ensurepip" ;;
    ca-certificates) put "$MIEN_SYSTEM_ROOT/etc/ssl/certs/ca-certificates.crt" trust ;;
    libegl1) library libEGL.so.1 ;;
    libgl1) library libGL.so.1 ;;
    libegl-mesa0) library libEGL_mesa.so.0 ;;
    libgl1-mesa-dri) library "$(word "$FAKE/mesa")" ;;
    libportaudio2) library libportaudio.so.2 ;;
    libglx-mesa0) library libGLX_mesa.so.0 ;;
    libasound2-plugins) library alsa-lib/libasound_module_pcm_pulse.so ;;
    xvfb) program "$MIEN_SYSTEM_ROOT/usr/bin/Xvfb" ;;
    pulseaudio) program "$MIEN_SYSTEM_ROOT/usr/bin/pulseaudio" ;;
    pulseaudio-utils) program "$MIEN_SYSTEM_ROOT/usr/bin/parec" ;;
    iproute2) program "$MIEN_SYSTEM_ROOT/usr/sbin/tc" ;;
    glslang-tools) program "$MIEN_SYSTEM_ROOT/usr/bin/glslangValidator" ;;
    espeak-ng) program "$MIEN_SYSTEM_ROOT/usr/bin/espeak-ng" ;;
    libxcb-cursor0) library libxcb-cursor.so.0 ;;
    libxcb-icccm4) library libxcb-icccm.so.4 ;;
    libxcb-keysyms1) library libxcb-keysyms.so.1 ;;
    libxcb-randr0) library libxcb-randr.so.0 ;;
    libxcb-shape0) library libxcb-shape.so.0 ;;
    libxcb-xkb1) library libxcb-xkb.so.1 ;;
    libxkbcommon-x11-0) library libxkbcommon-x11.so.0 ;;
    libdbus-1-3) library libdbus-1.so.3 ;;
    libfontconfig1) library libfontconfig.so.1 ;;
    libglib2.0-0) library libglib-2.0.so.0 ;;
    libxext6) library libXext.so.6 ;;
    libxtst6) library libXtst.so.6 ;;
    *) echo "E: Unable to locate package $1"; exit 100 ;;
  esac
}
apt() {
  local words=() word skip=''
  for word; do
    if [ "$skip" ]; then skip=''; elif [ "$word" = -o ]; then skip=yes; elif [ "${word#-}" = "$word" ]; then words+=("$word"); fi
  done
  if [ "${words[0]}" = update ]; then pause lists; exit 0; fi
  if [ -e "$FAKE/unconfigured" ]; then echo "E: dpkg was interrupted"; exit 100; fi
  : >"$FAKE/unconfigured"
  pause packages
  for word in "${words[@]:1}"; do install "$word"; done
  real rm "$FAKE/unconfigured"
}
in_venv() { # what a pip or venv that was interrupted leaves behind does harm that no later one sees
  [ ! -e ".venv/half" ] || : >.venv/damaged
  : >.venv/half
}
run_python() {
  local version
  version=$(word "$FAKE/versions/$name" || word .venv/version)
  case "$*" in
    *"< (3, 11)"*) [ "${version#3.}" -ge 11 ]; exit ;;
    *ensurepip*) [ -e "$FAKE/ensurepip" ]; exit ;;
    *version_info* | *platform*) echo "$version" ;;
    "-m venv .venv")
      real mkdir -p .venv/bin; in_venv
      echo "$version" >.venv/version; real ln -sf "$FAKE/program" .venv/bin/python
      pause environment
      [ ! -e "$FAKE/broken-ensurepip" ] || { echo "ensurepip returned non-zero exit status 1"; exit 1; }
      : >.venv/pip; real rm .venv/half ;;
    *"pip install"*"-r "*)
      [ -e .venv/pip ] || { echo "No module named pip"; exit 1; }
      [ ! -e "$FAKE/offline" ] || { echo "ERROR: no matching distribution"; exit 1; }
      in_venv
      echo "Collecting a"; echo "  Downloading a"; echo "Collecting b"
      pause dependencies
      : >".venv/${*: -1}"; real rm .venv/half ;;
    *"pip install"*"-e .") in_venv; pause mien; : >.venv/mien; real rm .venv/half ;;
    *) echo "python $*: not thought of" >&2; exit 99 ;;
  esac
}
case $name in
  id) if [ "$1" = -u ]; then word "$FAKE/uid"; else echo someone; fi ;;
  ldconfig) ;;
  dpkg-query) if real grep -qx "${*: -1}" "$FAKE/installed" 2>/dev/null; then printf installed; else exit 1; fi ;;
  dpkg) real rm -f "$FAKE/unconfigured" ;;
  apt-get) apt "$@" ;;
  apt-cache) real grep -qx "$2" "$FAKE/offered" 2>/dev/null ;;
  sudo | flock) [ "$name" = sudo ] || real flock "$@" ;;
  sleep) # a virtual clock of 25 s, once it was wound; then what waits is told to go on
    [ -e "$FAKE/clock" ] || exec /bin/sleep "$@"
    echo tick >>"$FAKE/clock"
    [ "$(real grep -c tick "$FAKE/clock")" -lt 25 ] || { real rm "$FAKE/clock"; echo go >"$FAKE/told"; exit 1; } ;;
  python*) run_python "$@" ;;
esac
