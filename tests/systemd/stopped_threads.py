"""Stops all threads of a process but its main one, as if each hung in a system call."""
import contextlib
import ctypes
import os
import pathlib

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
LIBC.ptrace.restype = ctypes.c_long


def ptrace(request: int, thread: int) -> None:
    if LIBC.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace: {os.strerror(ctypes.get_errno())}")


@contextlib.contextmanager
def stopped_threads(pid: int):
    """Only the thread that entered may leave: the kernel knows it as the tracer."""
    others = [int(path.name) for path in pathlib.Path(f"/proc/{pid}/task").iterdir() if path.name != str(pid)]
    if not others:
        raise RuntimeError(f"process {pid} has one thread only")
    for thread in others:
        ptrace(PTRACE_SEIZE, thread)
        ptrace(PTRACE_INTERRUPT, thread)
    try:
        yield
    finally:
        for thread in others:
            try:
                ptrace(PTRACE_DETACH, thread)
            except OSError:  # it is dead, and its process not gone before its tracer has taken note
                with contextlib.suppress(OSError):
                    os.waitpid(thread, WALL)
