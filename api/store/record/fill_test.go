package record_test

import (
	"reflect"
	"time"

	"pgregory.net/rapid"
)

// fill draws a value with every field filled, at every depth: a field that a codec forgets comes
// back empty. fine says whether instants are finer than what is stored and in another zone.
func fill(t *rapid.T, v reflect.Value, fine bool) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(instant(t, fine)))
		return
	case time.Duration:
		v.SetInt(int64(time.Duration(rapid.Int64Range(1, 1e9).Draw(t, "ms")) * time.Millisecond))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(rapid.StringN(1, 12, -1).Draw(t, "text"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64Range(1, 1<<40).Draw(t, "number"))
	case reflect.Uint8:
		v.SetUint(rapid.Uint64Range(1, 255).Draw(t, "byte"))
	case reflect.Float64:
		v.SetFloat(rapid.Float64Range(0.001, 90).Draw(t, "degrees"))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), fine)
	case reflect.Slice:
		n := rapid.IntRange(1, 2).Draw(t, "length")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i), fine)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), fine)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, fine)
		fill(t, value, fine)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	default:
		t.Fatalf("no way to fill a %s", v.Type())
	}
}

func instant(t *rapid.T, fine bool) time.Time {
	at := time.UnixMilli(rapid.Int64Range(1, 4e12).Draw(t, "instant")).UTC()
	if fine {
		at = at.Add(time.Duration(rapid.Int64Range(1, 999_999).Draw(t, "nanoseconds"))).In(time.FixedZone("", 3600))
	}
	return at
}

// coarse reports the first instant below v that is not UTC to the millisecond, as a path.
func coarse(v reflect.Value, path string) string {
	if at, ok := v.Interface().(time.Time); ok {
		if at.Location() != time.UTC || at.Nanosecond()%1e6 != 0 {
			return path
		}
		return ""
	}
	switch v.Kind() {
	case reflect.Pointer:
		return coarse(v.Elem(), path)
	case reflect.Slice:
		for i := range v.Len() {
			if found := coarse(v.Index(i), path+"[]"); found != "" {
				return found
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if found := coarse(v.Field(i), path+"."+v.Type().Field(i).Name); found != "" {
				return found
			}
		}
	}
	return ""
}
