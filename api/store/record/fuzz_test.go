package record_test

import (
	"encoding/json"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
)

// FuzzRecord reads any bytes as a stored row of any kind.
func FuzzRecord(f *testing.F) {
	kinds := kinds()
	for i := range kinds {
		for _, raw := range []string{`{}`, `null`, `{"id":"01JDB8Q4M2ZT6R0V9XKFW3E7HN","slots":[null],"asks":[{}],"visits":[{}]}`, `{"home":null,"contacts":[{}],"at":"9999-12-31T23:59:59Z"}`} {
			f.Add(uint8(i), []byte(raw), false)
			var doc bson.M
			if json.Unmarshal([]byte(raw), &doc) == nil && doc != nil {
				binary, err := bson.Marshal(doc)
				if err != nil {
					f.Fatal(err)
				}
				f.Add(uint8(i), binary, true)
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, raw []byte, asBSON bool) {
		kinds[int(which)%len(kinds)].read(t, raw, asBSON)
	})
}
