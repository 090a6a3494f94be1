package feed

import (
	"log/slog"
	"runtime/debug"

	"naober/matching/care"
)

// Guarded acts, and turns a panic into care.Unavailable "panic", logged under who. The panic's message may quote what a person wrote and is dropped;
// the stack holds places and addresses only.
func Guarded(log *slog.Logger, who string, act func() error) (err error) {
	defer func() {
		if recover() != nil {
			log.Error("panic", "in", who, "stack", string(debug.Stack()))
			err = care.E(care.Unavailable, "panic", "the program failed here")
		}
	}()
	return act()
}

// LogCode is what a log may say about an error: its code, never its words.
func LogCode(err error) string {
	if code := care.CodeOf(err); code != "" {
		return code
	}
	return "internal"
}
