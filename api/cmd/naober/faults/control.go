package faults

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"naober/matching/care"
)

// Calls are what the switches' port can do, for who reads it at its root.
func Calls() []string {
	return []string{
		`GET /test/fault: what is set`,
		`POST /test/fault {"fault":"drop","path":"/sync/v1/push","times":2}: sets one; mobile-contract/faults.md has them all`,
		`DELETE /test/fault and /test/fault/ID: clears all, or one`,
		`POST /test/forget-views: no cookie is known any more`,
		`POST /test/cut-streams: whoever listens is cut off`,
		`POST /test/erase {"account":"ID"}: forgets somebody for good`,
		`POST /test/mark: remembers the data as they are`,
		`POST /test/back {"mark":"1","epoch":"new"}: puts them back; with "same" as an operator who forgot to say so`,
	}
}

// Handler is the whole surface of the switches, below /test/.
func (s *Switches) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, serve := range map[string]func(*http.Request) (any, error){
		"GET /test/{$}":           func(*http.Request) (any, error) { return Calls(), nil },
		"GET /test/fault":         func(*http.Request) (any, error) { return s.listed(), nil },
		"POST /test/fault":        s.setFault,
		"DELETE /test/fault":      s.clear,
		"DELETE /test/fault/{id}": s.clear,
		"POST /test/forget-views": s.forgetAllViews,
		"POST /test/cut-streams":  func(*http.Request) (any, error) { return map[string]int{"cut": s.streams.cut()}, nil },
		"POST /test/erase":        s.eraseAccount,
		"POST /test/mark":         s.takeMark,
		"POST /test/back":         s.goBack,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { reply(w, r, serve) })
	}
	return mux
}

func (s *Switches) listed() map[string][]Fault { return map[string][]Fault{"items": s.board.All()} }

func (s *Switches) setFault(r *http.Request) (any, error) {
	f, err := read[Fault](r)
	if err != nil {
		return nil, err
	}
	if f.ID != "" || f.Met != 0 {
		return nil, refused("id", "id and met are the server's")
	}
	return s.board.Set(f)
}

// clear takes back one fault or all, and lists what is left.
func (s *Switches) clear(r *http.Request) (any, error) {
	err := s.board.Clear(r.PathValue("id"))
	return s.listed(), err
}

func (s *Switches) forgetAllViews(r *http.Request) (any, error) {
	on := s.attached()
	n, err := forgetViews(r.Context(), on.Devices, on.Now())
	return map[string]int{"forgotten": n}, err
}

func (s *Switches) eraseAccount(r *http.Request) (any, error) {
	who, err := read[struct {
		Account care.PersonID `json:"account"`
	}](r)
	if err != nil {
		return nil, err
	}
	return who, erase(r.Context(), s.attached().App, who.Account)
}

func (s *Switches) takeMark(r *http.Request) (any, error) {
	name, err := s.mark(r.Context())
	return map[string]string{"mark": name}, err
}

func (s *Switches) goBack(r *http.Request) (any, error) {
	to, err := read[struct {
		Mark  string `json:"mark"`
		Epoch string `json:"epoch"`
	}](r)
	if err != nil {
		return nil, err
	}
	if to.Epoch != "new" && to.Epoch != "same" {
		return nil, refused("epoch", "epoch is new or same")
	}
	return to, s.back(r.Context(), to.Mark, to.Epoch == "new")
}

// read takes the one JSON value of a body, with the fields of T and no others.
func read[T any](r *http.Request) (T, error) {
	var value T
	d := json.NewDecoder(io.LimitReader(r.Body, 64<<10))
	d.DisallowUnknownFields()
	if err := d.Decode(&value); err != nil {
		return value, care.E(care.Invalid, "body_invalid", "the body is not the JSON that this call takes")
	}
	return value, nil
}

// reply encodes what was done, or the refusal with its code.
func reply(w http.ResponseWriter, r *http.Request, serve func(*http.Request) (any, error)) {
	body, err := serve(r)
	status := http.StatusOK
	if err != nil {
		var ruled *care.Error
		if !errors.As(err, &ruled) {
			ruled = &care.Error{Code: "internal", Text: err.Error()} // the one who reads it runs the server
		}
		status, body = statusOf(ruled), map[string]any{"code": ruled.Code, "detail": ruled.Text, "params": ruled.Params}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever is gone misses nothing
}

func statusOf(ruled *care.Error) int {
	switch {
	case ruled.Code == "internal":
		return http.StatusInternalServerError
	case ruled.Kind == care.Invalid:
		return http.StatusBadRequest
	case ruled.Kind == care.NotFound:
		return http.StatusNotFound
	case ruled.Kind == care.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusConflict
}
