package fcmtest

import (
	"crypto/rand"
	"io"
	"maps"
	"mime"
	"net/http"
	"time"
)

const fcmError = "type.googleapis.com/google.firebase.fcm.v1.FcmError"

// sendMessage serves POST /v1/projects/{project}/messages:send in the order Google does: who calls,
// then the shape, then the token.
func (h *Handler) sendMessage(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	switch {
	case err != nil:
		h.refuse(w, Call{At: now}, invalid("Request payload size exceeds the limit."))
		return
	case !h.authorized(r, now):
		h.refuse(w, Call{At: now}, unauthenticated())
		return
	case r.PathValue("project") != h.project:
		h.refuse(w, Call{At: now}, PermissionDenied())
		return
	case !isJSON(r):
		h.refuse(w, Call{At: now}, invalid("Invalid content type."))
		return
	}
	request, msg, problem := parseSend(body)
	if problem != "" {
		h.refuse(w, Call{At: now, TokenEnd: tail(msg.Token)}, invalid(problem))
		return
	}
	call := Call{At: now, Key: msg.Data["key"], Params: params(msg.Data), TokenEnd: tail(msg.Token)}
	if request.ValidateOnly {
		h.accept(w, call, "fake_message_id")
		return
	}
	h.play(w, r, call, Received{
		At: now, Token: msg.Token, Key: call.Key, Params: call.Params,
		Message: request.Message, Header: visible(r.Header),
	})
}

// play gives the scripted answer. What is recorded is recorded before the answer leaves, so that
// whoever has the answer finds the message.
func (h *Handler) play(w http.ResponseWriter, r *http.Request, call Call, message Received) {
	h.mu.Lock()
	answer, rest := nextAnswer(h.scripts[message.Token])
	if h.scripts[message.Token] = rest; len(rest) == 0 {
		delete(h.scripts, message.Token)
	}
	h.mu.Unlock()
	if !answer.wait(r) {
		call.Code = "dropped"
		h.log(call)
		return
	}
	if answer.status != http.StatusOK {
		h.refuse(w, call, answer)
		return
	}
	id := rand.Text()
	message.Name = h.name(id)
	if answer.cut != cutBefore {
		h.record(message)
	}
	if answer.cut != cutNever {
		call.Code = "dropped"
		h.log(call)
		hangUp(w)
		return
	}
	h.accept(w, call, id)
}

func (h *Handler) name(id string) string { return "projects/" + h.project + "/messages/" + id }

func (h *Handler) accept(w http.ResponseWriter, call Call, id string) {
	call.Status = http.StatusOK
	h.log(call)
	writeJSON(w, http.StatusOK, map[string]string{"name": h.name(id)})
}

// refuse answers with google.rpc.Status, and the FcmError detail where the answer has a code.
func (h *Handler) refuse(w http.ResponseWriter, call Call, answer Answer) {
	call.Status, call.Code = answer.status, answer.code
	h.log(call)
	if answer.retryAfter != "" {
		w.Header().Set("Retry-After", answer.retryAfter)
	}
	problem := map[string]any{"code": answer.status, "message": answer.text, "status": answer.state}
	if answer.code != "" {
		problem["details"] = []map[string]string{{"@type": fcmError, "errorCode": answer.code}}
	}
	writeJSON(w, answer.status, map[string]any{"error": problem})
}

func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

// params is data without the key.
func params(data map[string]string) map[string]string {
	rest := maps.Clone(data)
	delete(rest, "key")
	return rest
}

// tail is as much of a token as a log may show.
func tail(token string) string {
	return token[max(0, len(token)-4):]
}

func visible(header http.Header) http.Header {
	header = header.Clone()
	header.Del("Authorization")
	return header
}
