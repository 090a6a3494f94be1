package leak_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/matching/care"
	"naober/notifications"
	"naober/notifications/egress"
	"naober/notifications/fcm"
	"naober/notifications/fcm/fcmtest"
)

// journey is one whole story over HTTP, pushes through the real FCM sender and codes by real mail,
// with a canary in every personal field. After each chapter everybody looks at everything.
type journey struct {
	*world
	v       *village
	surface surface
	push    *fcmtest.Server
	mail    *postOffice
	met     map[appearance]bool
	lines   int // of the log that were searched
	read    int // messages of the push service that were searched
}

// appearance is a canary of somebody that somebody else met.
type appearance struct{ route, who, whose, field string }

func newJourney(t *testing.T) *journey {
	t.Helper()
	w := newWorld(t, seedOf(t))
	j := &journey{world: w, surface: readSurface(t), mail: openPostOffice(t), met: map[appearance]bool{}}
	w.post = j.mail
	var err error
	j.push, err = fcmtest.Start(fcmtest.Config{})
	w.must(err)
	t.Cleanup(func() { _ = j.push.Close() })
	credentials, err := j.push.Credentials()
	w.must(err)
	sender, err := fcm.New(t.Context(), fcm.Config{ProjectID: fcmtest.DefaultProject, CredentialsJSON: credentials, Endpoint: j.push.URL, Timeout: 10 * time.Second, Guard: egress.Allowing(egress.ThisMachine()...)})
	w.must(err)
	j.v = w.raise("a", "")
	w.ids.add(poolOf("a", "home"), string(j.v.id))
	w.ids.add(poolOf("a", "community"), string(j.v.id))
	for _, a := range w.actors {
		w.ids.add(poolOf("a", "person"), string(a.id))
		w.ids.add(poolOf("a", "device"), a.tokens.Session)
		for field, point := range map[string]float64{"lat": a.home.Point.Lat, "lon": a.home.Point.Lon} {
			w.birds.count(a, field, fmt.Sprint(point))
		}
		p, err := w.stores.Persons.Get(t.Context(), a.id)
		w.must(err)
		w.birds.count(a, "birthDate", p.Value.BirthDate)
	}
	w.ring(w.watch.Push(notifications.FCMPush{Sender: sender}))
	return j
}

// post is a scripted call of the story; what it makes is known from then on.
func (j *journey) tell(by, method, path, body string) answer {
	j.Helper()
	a := j.do(j.v.cast[by], method, j.v.fill(path), j.v.fill(body))
	j.ids.harvest("a", a)
	j.judge(by, j.routeOf(method, path), a)
	j.tick()
	return a
}

// routeOf finds the route of a path by its shape.
func (j *journey) routeOf(method, path string) string {
	parts := strings.Split(strings.SplitN(j.v.fill(path), "?", 2)[0], "/")
	for _, r := range j.surface.routes {
		names := strings.Split(r.path, "/")
		if r.method == method && len(names) == len(parts) && !slices.ContainsFunc(names, func(n string) bool {
			i := slices.Index(names, n)
			return !strings.HasPrefix(n, ":") && n != parts[i]
		}) {
			return method + " " + r.path
		}
	}
	j.Fatalf("no route for %s %s", method, path)
	return ""
}

// judge notes the canaries of others in an answer. Whoever writes a word gets it back; that is no
// appearance.
func (j *journey) judge(who, route string, a answer) {
	said := j.birds.seen(a.call.path + a.call.body)
	for _, o := range j.birds.seen(a.bytes()) {
		if o.whose != who && !slices.Contains(said, o) {
			j.met[appearance{route, who, o.whose, o.field}] = true
		}
	}
}

// look lets everybody, and nobody, read everything by every id that the story made, and searches
// what left the service meanwhile: log, pushes and mail.
func (j *journey) look() {
	j.Helper()
	names := []string{""}
	for name := range j.v.cast {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, r := range j.surface.routes {
		if r.method != "GET" {
			continue
		}
		for _, path := range j.paths(r.path) {
			for _, name := range names {
				a := j.send(call{by: j.v.cast[name], method: "GET", route: r.path, path: path})
				j.judge(name, "GET "+r.path, a)
			}
		}
	}
	for _, name := range names[1:] {
		a := j.send(call{by: j.v.cast[name], method: "POST", path: j.v.fill("/v1/communities/{village}/persons/search"), body: `{"query":"kanarie"}`})
		j.judge(name, "POST /v1/communities/:community/persons/search", a)
	}
	j.outside()
}

// paths are a route with every id that fits each of its parameters.
func (j *journey) paths(route string) []string {
	all := []string{""}
	for _, part := range strings.Split(strings.TrimPrefix(route, "/"), "/") {
		values := []string{part}
		if param, ok := strings.CutPrefix(part, ":"); ok {
			values = j.ids[poolOf("a", param)]
		}
		var next []string
		for _, before := range all {
			for _, v := range values {
				next = append(next, before+"/"+v)
			}
		}
		all = next
	}
	if route == "/v1/requests" {
		return []string{"/v1/requests", "/v1/requests?scope=behalf", "/v1/requests?scope=helping", "/v1/requests?scope=community&community=" + string(j.v.id)}
	}
	if route == "/v1/referrals" {
		return []string{"/v1/referrals?side=sender", "/v1/referrals?side=receiver"}
	}
	return all
}

// clockTime is what the real clock writes into a log: digits enough to hold a number of somebody's by chance.
var clockTime = regexp.MustCompile(`"time":"[^"]*"|"took":\d+|time=\S+`)

// outside searches what leaves by other ways than an answer: nothing personal may.
func (j *journey) outside() {
	j.Helper()
	log := j.log.take()
	j.lines += strings.Count(log, "\n")
	log = clockTime.ReplaceAllString(log, "")
	if found := j.birds.seen(log); len(found) > 0 {
		j.Errorf("in the log: %v: %s", found, log)
	}
	for _, a := range j.actors {
		for what, secret := range map[string]string{"access token": a.tokens.Access, "refresh token": a.tokens.Refresh, "code": j.code(a.mail)} {
			if secret != "" && strings.Contains(log, secret) {
				j.Errorf("in the log: %s of %s", what, a.name)
			}
		}
	}
	messages := j.push.Messages()
	for _, m := range messages[j.read:] {
		text := strings.ReplaceAll(string(m.Message), m.Token, "") // the address itself
		if found := j.birds.seen(text + fmt.Sprint(m.Header)); len(found) > 0 {
			j.Errorf("in a push: %v: %s", found, m.Message)
		}
	}
	j.read = len(messages)
	for _, m := range j.mail.letters() {
		own := strings.ToLower(strings.Trim(m.to[strings.Index(m.to, ":")+1:], "<> "))
		text := strings.ReplaceAll(strings.ToLower(m.data), own, "")
		if found := j.birds.seen(text); len(found) > 0 {
			j.Errorf("in a mail: %v: %s", found, m.data)
		}
	}
}

// arrive registers somebody through the app: a code by mail, then who they are.
func (j *journey) arrive(name string) *actor {
	j.Helper()
	a := &actor{village: "a", name: name, birds: j.birds}
	a.mail = strings.ToLower(a.word("mail")) + "@example.org"
	var flow struct{ Flow string }
	sent := j.do(nil, "POST", "/v1/sign-in/codes", fmt.Sprintf(`{"contact":%q}`, a.mail))
	j.must(json.Unmarshal([]byte(sent.body), &flow))
	code := j.mail.code(a.mail)
	j.do(nil, "POST", "/v1/sign-in/tokens", fmt.Sprintf(`{"flow":%q,"code":%q,"device":%q}`, flow.Flow, code, a.word("device")))
	person := fmt.Sprintf(`{"firstName":%q,"lastName":%q,"birthDate":%q,"gender":"woman","language":"nl","home":{"town":"Witteveen","street":%q,"postCode":%q,"lat":%s,"lon":%s},"contact":%q,"community":%q}`,
		a.word("firstName"), a.word("lastName"), j.birds.count(a, "birthDate", "1933-07-19"), a.word("street")+" 3", a.postCode("postcode"),
		j.birds.count(a, "lat", "52.81675319"), j.birds.count(a, "lon", "6.68334271"), a.mail, j.v.id)
	in := j.do(nil, "POST", "/v1/registrations", fmt.Sprintf(`{"flow":%q,"code":%q,"device":%q,"person":%s}`, flow.Flow, code, a.word("device"), person))
	j.must(json.Unmarshal([]byte(in.body), &struct{ Tokens any }{&a.tokens}))
	a.id = care.PersonID(j.do(a, "GET", "/v1/me", "").text("id"))
	j.actors = append(j.actors, a)
	j.v.cast[name], j.v.kept[name] = a, string(a.id)
	j.meet(a)
	j.do(a, "PUT", "/v1/me/push-token", fmt.Sprintf(`{"token":%q}`, a.word("token")))
	return a
}
