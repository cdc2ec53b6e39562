"""What PyInstaller cannot see: modules that are imported by name, shaders and assets, and libraries in C."""

from PyInstaller.utils.hooks import (
    collect_data_files,
    collect_dynamic_libs,
    collect_submodules,
    copy_metadata,
)

datas = [
    *collect_data_files("mien.shaders"),
    *collect_data_files("mien.assets"),
    *collect_data_files("mien.importing"),
    *collect_data_files("mien.lipsync"),
    *copy_metadata("mien"),
]
# Which of them is loaded, for X or for Wayland, glfw finds out when it is imported.
binaries = collect_dynamic_libs("glfw")
hiddenimports = [
    # Those of agent frameworks are seen where a program imports them, and bring the frameworks with them.
    *collect_submodules(
        "mien", filter=lambda name: not name.startswith(("mien._pyinstaller", "mien.agents"))
    ),
    # moderngl's own code in C imports it, on systems without EGL.
    "glcontext",
]
