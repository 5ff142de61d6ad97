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

Every option that a command takes is completed, and no other:

  $ options() { grep -o -e '--[a-z-]*' | sort -u; }
  $ twstat --help | options | grep -v -e --help -e --version >help
  $ taken() {
  >     for option in $(cat help); do
  >         case $option in
  >         --interval) value==1 ;;
  >         --netns | --output | --root) value==nowhere ;;
  >         --role) value==server ;;
  >         --sort) value==port ;;
  >         *) value= ;;
  >         esac
  >         twstat $1 $option$value 2>&1 | grep -q 'has no option' || echo $option
  >     done
  > }
  $ for command in port ephemeral hist prometheus; do
  >     complete $command - | options >completed
  >     taken $command | diff - completed && wc -l <completed
  > done
  4
  6
  5
  3

  $ twstat --help | options >help
  $ for command in '' port ephemeral hist prometheus; do complete $command -; done | options | diff - help
