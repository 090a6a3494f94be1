package watch

import (
	"net/http"
	"net/http/pprof"
)

// profile mounts the profiler. Its package also registers itself with http.DefaultServeMux when it is
// imported, which nothing in this program serves; a test allows the import in this file alone.
func profile(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}
