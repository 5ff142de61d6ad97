What bash completes, by its own machinery:

  $ . "$TESTDIR/trees.sh"
  $ cat >complete.bash <<'END'
  > . "$TESTDIR/../twstat.bash"
  > COMP_WORDS=(twstat "$@")
  > COMP_CWORD=$#
  > _twstat
  > echo "${COMPREPLY[@]}"
  > END
  $ complete() { bash complete.bash "$@"; }

  $ complete p
  port prometheus
  $ complete port --j
  --json
  $ complete -r ''
  server client
  $ complete -s clo
  closed_first closed_second closed_both
  $ complete explain re
  reused reopened reset rearmed
  $ complete --root la
  later
  $ complete prometheus -o com
  complete.bash
  $ complete -w --so
  --sort

Every option of a command is completed, and no other:

  $ options() { grep -o -e '--[a-z-]*' | sort -u; }
  $ for command in port ephemeral hist prometheus; do
  >     for option in $(complete $command - | options) --bogus; do
  >         twstat $command $option 2>&1 | grep -q -e 'has no option' -e unrecognized && echo "$command $option"
  >     done
  > done; true
  port --bogus
  ephemeral --bogus
  hist --bogus
  prometheus --bogus

  $ twstat --help | options >help
  $ for command in '' port ephemeral hist prometheus; do complete $command -; done | options | diff - help
