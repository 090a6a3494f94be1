package rest

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// badValue is one thing that somebody may send in the place of a field, as it stands in the JSON.
type badValue struct{ name, raw string }

// badValues are the columns of testdata/badinput.csv. Some are right for some fields.
func badValues() []badValue {
	return []badValue{
		{"null", `null`}, {"true", `true`}, {"7", `7`}, {"-1", `-1`}, {"1.5", `1.5`}, {"60 digits", strings.Repeat("9", 60)}, {"1e400", `1e400`},
		{"NaN", `NaN`}, {"empty", `""`}, {"blank", `" \t "`}, {"NUL", `"a\u0000b"`}, {"override", `"abc\u202e123"`}, {"emoji", `"👵🏼"`},
		{"surrogate", `"\ud83d"`}, {"endless", `"` + strings.Repeat("x", 50_000) + `"`}, {"operator", `{"$ne":null}`}, {"operator word", `"$ne"`},
		{"list", `[]`}, {"object", `{}`}, {"year 9999", `"9999-12-31T23:59:59Z"`}, {"year 0", `"0000-01-01T00:00:00Z"`},
		{"30 February", `"2027-02-30T10:00:00Z"`}, {"DST gap", `"2027-03-28T02:30"`}, {"DST fold", `"2027-10-31T02:30"`}, {"citizen number", `"111222333"`},
		{"unknown id", `"01JDB8Q4M2ZT6R0V9XKFW3E7HN"`}, {"path", `"../../etc/passwd"`}, {"markup", `"<script>alert(1)</script>"`},
	}
}

// text is the value as it stands in a path, a query or a header; a head has 8 KiB in all.
func (b badValue) text() string {
	text := b.raw
	if strings.HasPrefix(b.raw, `"`) && json.Unmarshal([]byte(b.raw), &text) != nil {
		text = b.raw
	}
	return text[:min(len(text), 4000)]
}

// hole marks the place of the bad value until the JSON around it is written.
const hole = "the bad value goes here"

// spoiled is a body with one field spoiled. An optional object on the way to it comes from its example.
func (s spec) spoiled(t *testing.T, body string, shape schema, path []string, raw string) string {
	t.Helper()
	var whole any
	must(t, json.Unmarshal([]byte(body), &whole))
	out, err := json.Marshal(s.put(shape, whole, path))
	must(t, err)
	return strings.Replace(string(out), strconv.Quote(hole), raw, 1)
}

func (s spec) put(shape schema, at any, path []string) any {
	if len(path) == 0 {
		return hole
	}
	shape = s.resolved(shape)
	if shape.Type == "array" {
		list, _ := at.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		list = slices.Clone(list)
		list[0] = s.put(*shape.Items, list[0], path[1:])
		return list
	}
	object, ok := at.(map[string]any)
	if !ok {
		object, _ = shape.Examples[0].(map[string]any)
	}
	object = maps.Clone(object)
	object[path[0]] = s.put(shape.Properties[path[0]], object[path[0]], path[1:])
	return object
}

func (s spec) resolved(shape schema) schema {
	shape = notNull(shape)
	if name, is := strings.CutPrefix(shape.Ref, "#/components/schemas/"); is {
		return s.Components.Schemas[name]
	}
	return shape
}

// notNull is the schema of what may be null, where it is not.
func notNull(shape schema) schema {
	if len(shape.OneOf) == 2 && shape.OneOf[1].Type == "null" {
		return shape.OneOf[0]
	}
	return shape
}

// fields are the paths of all fields of a shape, members of lists as 0.
func (s spec) fields(shape schema, path []string) [][]string {
	shape = s.resolved(shape)
	var all [][]string
	if shape.Type == "array" {
		below := append(slices.Clone(path), "0")
		return append([][]string{below}, s.fields(*shape.Items, below)...)
	}
	for _, name := range slices.Sorted(maps.Keys(shape.Properties)) {
		below := append(slices.Clone(path), name)
		all = append(append(all, below), s.fields(shape.Properties[name], below)...)
	}
	return all
}

// holds reports whether a body of this shape has a field at a path, members of lists by their number.
func (s spec) holds(shape schema, path string) bool {
	if path == "" {
		return false
	}
	for _, part := range strings.Split(path, ".") {
		shape = s.resolved(shape)
		if shape.Type == "array" {
			if n, err := strconv.Atoi(part); err != nil || n < 0 {
				return false
			}
			shape = *shape.Items
			continue
		}
		next, there := shape.Properties[part]
		if !there {
			return false
		}
		shape = next
	}
	return true
}

// snapshot is a second connection to the store's file, with a copy of all that was in it. Counters of
// tries and the ledger of keys are no documents: a refused try counts, and its key is used.
type snapshot struct {
	t       *testing.T
	conn    *sql.Conn
	tables  []string
	differ  *sql.Stmt // names the tables that hold other bytes than the copy
	version int
}

func snapshotOf(t *testing.T, file string) *snapshot {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)")
	must(t, err)
	conn, err := db.Conn(t.Context())
	must(t, err)
	t.Cleanup(func() {
		must(t, conn.Close())
		must(t, db.Close())
	})
	s := &snapshot{t: t, conn: conn}
	rows, err := conn.QueryContext(t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('tallies', 'ledger')")
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		s.tables = append(s.tables, name)
	}
	must(t, rows.Err())
	s.run("ATTACH ':memory:' AS kept")
	for _, name := range s.tables {
		s.run("CREATE TABLE kept." + name + " AS SELECT * FROM main." + name)
	}
	s.differ, err = conn.PrepareContext(t.Context(), s.comparison())
	must(t, err)
	t.Cleanup(func() { must(t, s.differ.Close()) })
	s.changed()
	return s
}

// comparison is one query over all tables, prepared once: thousands of calls ask it.
func (s *snapshot) comparison() string {
	var each []string
	for _, name := range s.tables {
		each = append(each, fmt.Sprintf("SELECT '%[1]s' WHERE EXISTS (SELECT * FROM main.%[1]s EXCEPT SELECT * FROM kept.%[1]s)"+
			" OR EXISTS (SELECT * FROM kept.%[1]s EXCEPT SELECT * FROM main.%[1]s)", name))
	}
	return strings.Join(each, " UNION ALL ")
}

func (s *snapshot) run(query string) {
	s.t.Helper()
	_, err := s.conn.ExecContext(context.Background(), query)
	must(s.t, err)
}

// changed reports whether anybody else wrote since it was last asked.
func (s *snapshot) changed() bool {
	s.t.Helper()
	was := s.version
	must(s.t, s.conn.QueryRowContext(context.Background(), "PRAGMA main.data_version").Scan(&s.version))
	return s.version != was
}

// differs names the tables that hold other bytes than the copy.
func (s *snapshot) differs() []string {
	s.t.Helper()
	rows, err := s.differ.QueryContext(context.Background())
	must(s.t, err)
	defer func() { must(s.t, rows.Close()) }()
	var names []string
	for rows.Next() {
		var name string
		must(s.t, rows.Scan(&name))
		names = append(names, name)
	}
	must(s.t, rows.Err())
	return names
}

// restore puts everything back, and forgets what was counted.
func (s *snapshot) restore(tables []string) {
	s.t.Helper()
	s.run("BEGIN IMMEDIATE")
	s.run("DELETE FROM main.tallies")
	s.run("DELETE FROM main.ledger")
	for _, name := range tables {
		s.run("DELETE FROM main." + name)
		s.run("INSERT INTO main." + name + " SELECT * FROM kept." + name)
	}
	s.run("COMMIT")
}
