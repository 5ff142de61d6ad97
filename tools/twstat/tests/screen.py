# SPDX-License-Identifier: GPL-2.0-only
"""usage: screen.py [--display] COMMAND...

Runs COMMAND on a terminal of 24 lines and 80 columns, and prints what it printed.
What comes on stdin is typed, but for "resize LINES COLUMNS", "run COMMAND", and "wait TEXT": that waits
until TEXT was printed. With --display, what the screen shows at the end is printed instead.
"""
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios

import pyte

TIMEOUT = 60


def resize(terminal, lines, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ,
                struct.pack("HHHH", lines, columns, 0, 0))


def read(terminal):
    """Returns b"" at the end."""
    if not select.select([terminal], [], [], TIMEOUT)[0]:
        sys.exit("screen.py: nothing comes any more")
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def display(screen):
    for line in screen.display:
        print("|" + line.rstrip())


def main():
    show = sys.argv[1] == "--display"
    if show:
        del sys.argv[1]
    screen = pyte.Screen(80, 24)
    typed = [] if sys.stdin.isatty() else sys.stdin.read().splitlines()
    child, terminal = pty.fork()
    if child == 0:
        # pyte knows all that is sent to a linux terminal.
        os.environ["TERM"] = "linux" if show else "xterm"
        # Wait for the size.
        sys.stdin.readline()
        os.execvp(sys.argv[1], sys.argv[1:])
    mode = termios.tcgetattr(terminal)
    mode[1] &= ~termios.OPOST
    mode[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, mode)
    resize(terminal, 24, 80)
    os.write(terminal, b"\n")

    printed = b""
    for line in typed:
        words = line.split(" ", 1)
        if words[0] == "wait":
            since = b""
            while words[1].encode() not in since:
                piece = read(terminal)
                if not piece:
                    sys.exit(f"screen.py: ended without {words[1]}: {printed + since}")
                since += piece
            printed += since
        elif words[0] == "run":
            subprocess.run(words[1], shell=True, check=True)
        elif words[0] == "resize":
            pyte.ByteStream(screen).feed(printed)
            printed = b""
            lines, columns = map(int, words[1].split())
            resize(terminal, lines, columns)
            screen.resize(lines, columns)
        else:
            os.write(terminal, line.encode())
    piece = read(terminal)
    while piece:
        printed += piece
        piece = read(terminal)
    if show:
        pyte.ByteStream(screen).feed(printed)
        display(screen)
    else:
        sys.stdout.buffer.write(printed)
    sys.stdout.flush()
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


main()
