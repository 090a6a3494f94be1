// Package api_test holds the structure of the whole module: who may import whom, what may stand at
// the top level, and which calls of our libraries are not to be used.
package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrow is a package, or a tree of them, with what it may import of this module. "/..." stands for
// everything below. The first line that fits a package counts.
type arrow struct {
	from string
	to   []string
}

// arrows is the design's drawing: api -> notifications -> matching, api -> mobile-contract, and
// nothing leaves matching or mobile-contract.
func arrows() []arrow {
	return []arrow{
		{"matching/care", nil},
		{"matching/place", []string{"matching/care"}},
		{"matching/assign", nil},
		{"matching/ride", nil},
		{"matching/score", nil},
		{"matching/index", []string{"matching/score"}},
		{"matching/plan", []string{"matching", "matching/care", "matching/place", "matching/assign", "matching/ride"}},
		{"matching", []string{"matching/care", "matching/place", "matching/score", "matching/index"}},
		{"notifications/egress", nil},
		{"notifications/fcm/fcmtest", nil},
		{"notifications/fcm", []string{"notifications/egress"}},
		{"notifications/mail", []string{"notifications/egress"}},
		{"notifications", []string{"matching/care", "notifications/fcm"}},
		{"mobile-contract/...", []string{"mobile-contract/..."}},
		{"api/token", nil},
		{"api/contact", []string{"matching/care"}},
		{"api/port", []string{"matching/care"}},
		{"api/port/porttest", []string{"api/port", "matching/care"}},
		{"api/feed", []string{"api/port", "matching/care"}},
		{"api/app", []string{"api/feed", "api/port", "matching", "matching/plan", "matching/care", "matching/place", "api/token", "api/contact"}},
		{"api/rest/sight", nil}, // judges the service, so it shares no code with it
		{"api/dossier", []string{"mobile-contract/..."}},
		{"api/rest", []string{"api/app", "api/offline", "api/port", "api/dossier", "matching", "matching/care", "matching/place", "mobile-contract/...", "api/token"}},
		{"api/offline", []string{"api/app", "api/port", "matching/care", "mobile-contract/wire"}},
		{"api/postroom", []string{"api/app", "api/feed", "api/port", "matching/care", "notifications"}},
		{"api/watch", []string{"api/app", "api/port", "matching/care", "notifications"}},
		{"api/store/record", []string{"api/app", "api/feed", "api/offline", "api/port", "matching/care", "notifications"}},
		{"api/store/storetest", []string{"api/app", "api/feed", "api/port", "api/store/record", "api/store/vault", "matching", "matching/care", "notifications"}},
		{"api/store/vault", []string{"api/app", "api/port", "api/store/record", "matching/care"}},
		{"api/store/...", []string{"api/app", "api/offline", "api/port", "api/store/record", "api/store/vault", "matching/care", "notifications"}},
		{"api/cmd/...", []string{"..."}},
	}
}

// source is one parsed file of the module.
type source struct {
	dir, name string
	file      *ast.File
	set       *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	var all []source
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "build" || strings.HasPrefix(d.Name(), ".") && name != root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		all = append(all, source{dir: filepath.ToSlash(filepath.Dir(relative)), name: filepath.ToSlash(relative), file: file, set: set})
		return err
	})
	if err != nil || len(all) < 50 {
		t.Fatalf("read %d files: %v", len(all), err)
	}
	return all
}

func (s source) test() bool { return strings.HasSuffix(s.name, "_test.go") }

func fits(pattern, dir string) bool {
	if pattern == "..." {
		return true
	}
	tree, ok := strings.CutSuffix(pattern, "/...")
	return dir == pattern || ok && (dir == tree || strings.HasPrefix(dir, tree+"/"))
}

func TestImportsFollowTheArrows(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() {
			continue // a test may look wherever it must
		}
		allowed := slices.IndexFunc(arrows(), func(a arrow) bool { return fits(a.from, s.dir) })
		if allowed < 0 {
			t.Errorf("%s: no arrow is drawn for %s", s.name, s.dir)
			continue
		}
		for _, spec := range s.file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			dir, ours := strings.CutPrefix(imported, "naober/")
			if ours && !slices.ContainsFunc(arrows()[allowed].to, func(to string) bool { return fits(to, dir) }) {
				t.Errorf("%s imports %s against the arrows", s.name, imported)
			}
		}
	}
}

// pureImports are the libraries that the trade may use besides the standard one.
func pureImports() []string {
	return []string{"github.com/oklog/ulid/v2", "github.com/teambition/rrule-go", "golang.org/x/text/unicode/norm", "naober/matching"}
}

func TestMatchingIsPure(t *testing.T) {
	banned := []string{"net", "net/http", "os", "os/exec", "io/ioutil", "database/sql", "log", "log/slog", "sync/atomic", "context", "math/rand", "crypto/rand", "syscall"}
	for _, s := range sources(t) {
		if s.test() || !fits("matching/...", s.dir) {
			continue
		}
		for _, spec := range s.file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			outside := strings.Contains(strings.Split(imported, "/")[0], ".")
			known := slices.ContainsFunc(pureImports(), func(p string) bool { return imported == p || strings.HasPrefix(imported, p+"/") })
			if slices.Contains(banned, imported) || outside && !known {
				t.Errorf("%s imports %s; matching does no I/O and knows no clock", s.name, imported)
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s starts a goroutine", s.name)
			}
			if call, ok := n.(*ast.CallExpr); ok && selector(call.Fun) == "time.Now" {
				t.Errorf("%s reads the clock", s.name)
			}
			// A generator with a seed is arithmetic; the package's own draws anew each time.
			if sel, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(selector(sel), "rand.") &&
				!slices.Contains([]string{"rand.New", "rand.NewPCG", "rand.Rand"}, selector(sel)) {
				t.Errorf("%s draws without a seed: %s", s.name, selector(sel))
			}
			return true
		})
	}
}

// selector spells pkg.Name, or "".
func selector(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := s.X.(*ast.Ident); ok {
		return x.Name + "." + s.Sel.Name
	}
	return ""
}

// forbidden are calls and imports with a trap in them, and where they may stand all the same.
func forbidden() []struct{ what, why, except string } {
	return []struct{ what, why, except string }{
		{"jwt.Parse", "tokens are read by one function", "api/token/access.go"},
		{"jwt.ParseWithClaims", "tokens are read by one function", "api/token/access.go"},
		{"jwt.NewParser", "tokens are read by one function", "api/token/access.go"},
		{".ParseUnverified", "a token that was not verified says nothing", ""},
		{".BodyParser", "it follows the client's content type", ""},
		{"c.Body", "it unpacks a compressed body without a limit; Request().Body() does not", ""},
		{".QueryParser", "it makes maps of what the client sends", ""},
		{".SendFile", "the path is decoded twice", ""},
		{".Static", "the path is decoded twice", ""},
		{".IsFromLocal", "a header can say so", ""},
		{"bson.UnmarshalExtJSON", "it makes operators and code of client bytes", ""},
		{"utils.UUID", "guessable", ""},
		{"utils.UUIDv4", "guessable", ""},
	}
}

// forbiddenImports answer one person with another's data, or trust what a client says.
func forbiddenImports() []string {
	const m = "github.com/gofiber/fiber/v2/middleware/"
	return []string{m + "session", m + "csrf", m + "proxy", m + "cache", m + "idempotency", m + "basicauth", m + "filesystem",
		m + "requestid", m + "limiter", "net/http/pprof", "expvar"}
}

func TestForbiddenCallsAreAbsent(t *testing.T) {
	for _, s := range sources(t) {
		for _, spec := range s.file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if imported == "net/http/pprof" && s.name == "api/watch/pprof.go" {
				continue // mounted by name on the watchers' own port
			}
			if slices.Contains(forbiddenImports(), imported) {
				t.Errorf("%s imports %s", s.name, imported)
			}
		}
		if s.test() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			for _, f := range forbidden() {
				hit := selector(sel) == f.what || strings.HasPrefix(f.what, ".") && "."+sel.Sel.Name == f.what
				if hit && s.name != f.except {
					t.Errorf("%s: %s: %s", s.set.Position(n.Pos()), f.what, f.why)
				}
			}
			return true
		})
	}
}

// TestOutgoingCallsAreGuarded holds that nothing of the service opens a connection past egress. The
// subcommands below cmd/naober that play, measure and check call a server of their own. MongoDB's driver
// dials the server that holds the data, which an operator names and which is private by nature.
func TestOutgoingCallsAreGuarded(t *testing.T) {
	dials := []string{"net.Dial", "net.DialTimeout", "net.DialTCP", "net.DialUDP", "net.DialIP", "net.DialUnix", "net.Dialer", "tls.Dial", "tls.DialWithDialer", "tls.Dialer",
		"http.Get", "http.Head", "http.Post", "http.PostForm", "http.DefaultClient", "http.DefaultTransport", "http.Transport", "smtp.Dial", "smtp.SendMail",
		"fiber.Get", "fiber.Post", "fiber.AcquireAgent", "fiber.AcquireClient", "fasthttp.Dial", "fasthttp.Get", "fasthttp.Do", "fasthttp.Client", "fasthttp.HostClient"}
	guarded := []string{"notifications/egress/guard.go net.Dialer", "notifications/fcm/transport.go http.Transport",
		"api/cmd/naober/health.go http.DefaultClient"} // a command of its own, which asks the service on its machine
	met := map[string]bool{}
	for _, s := range sources(t) {
		if s.test() || s.dir != "api/cmd/naober" && fits("api/cmd/...", s.dir) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if _, pointer := n.(*ast.StarExpr); pointer {
				return false // a type that is named opens nothing
			}
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains(dials, selector(sel)) {
				return true
			}
			if where := s.name + " " + selector(sel); slices.Contains(guarded, where) {
				met[where] = true
			} else {
				t.Errorf("%s: %s opens connections past notifications/egress", s.set.Position(n.Pos()), selector(sel))
			}
			return true
		})
	}
	if len(met) != len(guarded) {
		t.Errorf("met %v, want all of %v", met, guarded)
	}
}

func TestTopLevelHoldsOnlyItsRooms(t *testing.T) {
	rooms := []string{"api", "matching", "notifications", "mobile-contract", "deploy", "go.mod", "go.sum", "README.md", "build"}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(rooms, e.Name()) && !strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s does not belong to the top level", path.Clean(e.Name()))
		}
	}
}

func TestNoSleepInTestsAndNoPackageState(t *testing.T) {
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && selector(call.Fun) == "time.Sleep" {
				t.Errorf("%s: time.Sleep; wait for a signal", s.set.Position(n.Pos()))
			}
			if f, ok := n.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s: init; wire it in cmd", s.set.Position(n.Pos()))
			}
			return true
		})
	}
}
