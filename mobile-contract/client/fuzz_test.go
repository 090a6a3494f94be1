package client

import (
	"testing"
)

// FuzzAnswer lets the service answer anything to a push and to a pull: no answer makes the client fail, and none
// takes an intent out of the outbox that it does not name.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{`{}`, `[]`, `null`, `{"epoch":"a","results":[{"clientID":"x","id":1,"status":"applied"}]}`,
		`{"epoch":"a","cookie":{"order":1},"patch":[{"op":"put","key":"a/b","value":{}}],"lastMutationIDChanges":{"x":9},"hasMore":false}`,
		`{"epoch":"a","cookie":{"order":1},"patch":[{"op":"put","key":"a/b","value":{"until":"2026-11-24T10:00:00.000Z"}},{"op":"put","key":"a/c","value":{"until":{}}}],"hasMore":false}`,
		`{"code":"group_ended"}`, `{"epoch":"b","cookie":7,"patch":[{"op":"clear"}],"hasMore":true}`, `{"error":"VersionNotSupported","versionType":"pull"}`} {
		f.Add(200, []byte(body))
		f.Add(409, []byte(body))
	}
	f.Add(410, []byte(`{"wipe":7}`))
	b := open(f)
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		b.t = t
		if err := b.Discard(); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Do("request.ask", `{"a":1}`); err != nil {
			t.Fatal(err)
		}
		r, _ := b.sync(answer(status, string(body)), answer(status, string(body)), answer(status, string(body)))
		if left, err := b.Outbox(); err != nil || left == "[]" && !r.Gone {
			t.Fatalf("%d %q: left in the outbox %s: %v", status, body, left, err)
		}
		b.keys()
	})
}
