package app_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"naober/api/app"
)

const crashTable = "testdata/crashpoints.csv"

// TestCrashPoints disturbs every command, and the loops that carry on what it began, at every call to
// the stores in every way: killed before, killed after, and an unknown answer that was or was not
// carried out. Each time the client sends its command again, and after at most two rounds of the loops
// the village is the one of an undisturbed run, but for ids and times. deploy/test.sh tries all scenarios,
// with NAOBER_CRASH_SHARE=1; a quick run one in ten.
func TestCrashPoints(t *testing.T) { tryScenarios(t, "crash points", newVillage) }

// tryScenarios disturbs each scenario that is drawn in villages of one kind.
func tryScenarios(t *testing.T, what string, village func(*testing.T) *village) {
	var worlds, scenes atomic.Int64
	commit := os.Getenv("NAOBER_COMMIT")
	t.Run("all", func(t *testing.T) {
		for name, ready := range scenarios() {
			if !drawn(name, commit, crashShare()) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				scenes.Add(1)
				worlds.Add(int64(crashes(t, village(t), ready)))
			})
		}
	})
	t.Logf("figure: %s: %d worlds of %d scenarios, commit %q", what, worlds.Load(), scenes.Load(), commit)
}

// crashes runs one scenario undisturbed and then disturbed at each point.
func crashes(t *testing.T, v *village, ready func(*village) scenario) (worlds int) {
	p, s := prepare(v, ready)
	calm, want := p.calm(s)
	all := points(calm.calls)
	for _, at := range all {
		p.disturb(s, at, calm, want)
		if t.Failed() {
			break
		}
	}
	return len(all)
}

// calm is what happens when nothing goes wrong.
func (p *prepared) calm(s scenario) (course, []string) {
	p.t.Helper()
	w, end := p.world()
	defer end()
	did := w.live(s, &tap{})
	w.orderly()
	return did, w.seen(p)
}

func (p *prepared) disturb(s scenario, at point, calm course, want []string) {
	p.t.Helper()
	w, end := p.world()
	defer end()
	did := w.live(s, &tap{at: at.at, how: at.how})
	if p.known[calm.answer] && did.answer != calm.answer {
		p.t.Errorf("%s: answered %q, want %q", at, did.answer, calm.answer)
	}
	w.orderly()
	if now := w.seen(p); !slices.Equal(now, want) || p.t.Failed() {
		where, call := "the command", "a call that was not made this time"
		if at.at > calm.own {
			where = "the loops"
		}
		if at.at <= len(did.calls) {
			call = did.calls[at.at-1].String()
		}
		p.t.Errorf("%s (%s of %s): another village than undisturbed:\n%s", at, call, where, differing(want, now))
	}
}

// table are a scenario's rows: the command's own calls in order, the loops' each once.
func table(name string, did course) [][]string {
	var rows [][]string
	for i, c := range did.calls[:did.own] {
		rows = append(rows, []string{name, "command", strconv.Itoa(i + 1), c.String()})
	}
	loops := map[string]bool{}
	for _, c := range did.calls[did.own:] {
		loops[c.String()] = true
	}
	for _, c := range slices.Sorted(maps.Keys(loops)) {
		rows = append(rows, []string{name, "loops", "", c})
	}
	return rows
}

// TestCrashTable holds testdata/crashpoints.csv, which names the calls that TestCrashPoints disturbs: a
// command's in order, the loops' after it once each. A call without a row fails; UPDATE_CRASHPOINTS=1
// writes the table.
func TestCrashTable(t *testing.T) {
	var mu sync.Mutex
	rows := map[string][][]string{}
	t.Run("all", func(t *testing.T) {
		for name, ready := range scenarios() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p, s := prepare(newVillage(t), ready)
				did, _ := p.calm(s)
				mu.Lock()
				defer mu.Unlock()
				rows[name] = table(name, did)
			})
		}
	})
	var made bytes.Buffer
	w := csv.NewWriter(&made)
	all := [][]string{{"scenario", "part", "nr", "call"}}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		all = append(all, rows[name]...)
	}
	if err := w.WriteAll(all); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE_CRASHPOINTS") != "" {
		if err := os.WriteFile(crashTable, made.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	stands, err := os.ReadFile(crashTable)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stands, made.Bytes()) {
		t.Errorf("%s does not name these calls (UPDATE_CRASHPOINTS=1 writes it):\n%s", crashTable,
			differing(strings.Split(string(stands), "\n"), strings.Split(made.String(), "\n")))
	}
}

// TestEveryCommandHasACrashScenario holds that each exported method of App that writes is disturbed at
// every call.
func TestEveryCommandHasACrashScenario(t *testing.T) {
	has := map[string]bool{}
	for name := range scenarios() {
		method, _, _ := strings.Cut(name, "/")
		has[method] = true
	}
	for _, loop := range []string{"Steward", "Dispatch", "Audit", "LoadKeys"} {
		has[loop] = true // the loops' part of every scenario; LoadKeys makes the first key of an installation
	}
	writers := writing(t)
	commands := reflect.TypeFor[*app.App]()
	for i := range commands.NumMethod() {
		if name := commands.Method(i).Name; writers[name] && !has[name] {
			t.Errorf("%s writes and has no scenario", name)
		}
	}
	for method := range has {
		if method != "clock" && !writers[method] {
			t.Errorf("%s has a scenario, and no method that writes", method)
		}
	}
}

// writing finds by the source which functions of package app write to a store, themselves or through
// others. Functions are told apart by name alone, so one that only reads may be taken for a writer:
// then it needs a scenario more than it should.
func writing(t *testing.T) map[string]bool {
	t.Helper()
	calls := map[string]map[string]bool{}
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				calls[f.Name.Name] = called(f, calls[f.Name.Name])
			}
		}
	}
	writers := map[string]bool{"Insert": true, "Update": true, "Append": true, "Drain": true, "Trim": true}
	for grew := true; grew; {
		grew = false
		for name, inner := range calls {
			for c := range inner {
				if writers[c] && !writers[name] {
					writers[name], grew = true, true
				}
			}
		}
	}
	return writers
}

// called adds the names that a function calls: plain functions, methods of the receiver, and methods of
// the stores' ports.
func called(f *ast.FuncDecl, names map[string]bool) map[string]bool {
	if names == nil {
		names = map[string]bool{}
	}
	self := ""
	if f.Recv != nil && len(f.Recv.List[0].Names) > 0 {
		self = f.Recv.List[0].Names[0].Name
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		fun := c.Fun
		if generic, ok := fun.(*ast.IndexExpr); ok {
			fun = generic.X
		}
		switch fun := fun.(type) {
		case *ast.Ident:
			names[fun.Name] = true
		case *ast.SelectorExpr:
			x, plain := fun.X.(*ast.Ident)
			port := slices.Contains([]string{"Insert", "Update", "Append", "Drain", "Trim"}, fun.Sel.Name)
			if port || plain && (x.Name == self || x.Name == "a" || x.Name == "m") {
				names[fun.Sel.Name] = true
			}
		}
		return true
	})
	return names
}

// TestTheTapReachesEveryPort fails where a new port of the stores cannot be disturbed.
func TestTheTapReachesEveryPort(t *testing.T) {
	v := newVillage(t)
	ports := reflect.ValueOf(tapStores(v.Stores, &tap{}))
	for i := range ports.NumField() {
		if name := fmt.Sprintf("%T", ports.Field(i).Interface()); !strings.HasPrefix(name, "app_test.tap") {
			t.Errorf("port %s is a %s", ports.Type().Field(i).Name, name)
		}
	}
}
