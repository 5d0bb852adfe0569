module github.com/seed-456efde2/nurture/engine/runner/peerbench

go 1.26.0

require github.com/mattn/go-sqlite3 v1.14.53
