# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion of twstat's command line for bash; /usr/share/bash-completion/completions/twstat.

_twstat_ports() {
	awk 'NR > 1 { print $2 }' /proc/net/tw_stats 2>/dev/null
}

_twstat_columns() {
	twstat explain 2>/dev/null | awk '$1 ~ /^[a-z0-9_]+$/ { print $1 }'
}

_twstat() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' word words
	local commands='port ephemeral hist prometheus explain'

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[[ " $commands " == *" $word "* ]] && command=$word
	done

	case $prev in
	-N | --netns) words=$(ls /run/netns 2>/dev/null) ;;
	-r | --role) words='server client' ;;
	-s | --sort) words="port $(_twstat_columns)" ;;
	-o | --output)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--root)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	-i | --interval) return ;;
	*)
		case $command:$cur in
		port:-*) words='--json --pretty --netns --root' ;;
		ephemeral:-*) words='--no-header --interval --json --pretty --netns --root' ;;
		hist:-*) words='--json --pretty --role --netns --root' ;;
		prometheus:-*) words='--output --netns --root' ;;
		explain:-*) words='' ;;
		*:-*) words='--all --no-header --json --pretty --netns --role --sort --watch --root --help --version' ;;
		explain:*) words=$(_twstat_columns) ;;
		prometheus:*) words='' ;;
		:*) words="$commands $(_twstat_ports)" ;;
		*) words=$(_twstat_ports) ;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _twstat twstat
