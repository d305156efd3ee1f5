#!/usr/bin/env bash
# Writes the pages of tasks and strategies from the registries of a built `deme`; the variable DEME
# names another one than the release build.
set -euo pipefail
cd "$(dirname "$0")/src"
deme=$(realpath "${DEME:-../../target/release/deme}")
for list in tasks strategies; do
    title=$(sed 's/./\U&/' <<< "$list")
    rm -f "$list"/*.md
    { printf '# %s\n\n' "$title"; "$deme" "$list" --markdown; } > "$list.md"
    names=$("$deme" "$list" --json | sed -n 's/^    "name": "\(.*\)",\?$/\1/p')
    { printf -- '- [%s](%s.md)\n' "$title" "$list"
      for name in $names; do
          "$deme" "$list" "$name" --markdown > "$list/$name.md"
          printf '  - [%s](%s/%s.md)\n' "$name" "$list" "$name"
      done
    } > "$list.summary"
done
# The last part of the summary lists these pages.
sed -i '/^# Reference$/q' SUMMARY.md
{ echo; cat tasks.summary strategies.summary; } >> SUMMARY.md
rm tasks.summary strategies.summary
