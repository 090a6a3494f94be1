package storetest

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"reflect"
	"time"
)

// filled makes a value with every field set, the same for the same name; id goes into the field
// that names the document, where there is one.
func filled[T any](name, id string) T {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(name)) // a hash never fails
	rng := rand.New(rand.NewPCG(sum.Sum64(), 1))
	var v T
	fill(reflect.ValueOf(&v).Elem(), rng)
	setID(reflect.ValueOf(&v).Elem(), id)
	return v
}

// bare makes a value with nothing but its id.
func bare[T any](id string) T {
	var v T
	setID(reflect.ValueOf(&v).Elem(), id)
	return v
}

// setID writes the id into ID, Key or Name: a stored shape may take its key from there.
func setID(v reflect.Value, id string) {
	for _, field := range []string{"ID", "Key", "Name", "Person"} {
		if f := v.FieldByName(field); f.IsValid() && f.Kind() == reflect.String {
			f.SetString(id)
			return
		}
	}
}

// fill sets every field: times at milliseconds, texts with letters outside ASCII, small numbers,
// slices of two.
func fill(v reflect.Value, rng *rand.Rand) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(monday().Add(time.Duration(rng.IntN(1e9)) * time.Millisecond)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), rng)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), rng)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), rng)
		fill(v.Index(1), rng)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, rng)
		fill(value, rng)
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(fmt.Sprintf("wörd-%d", rng.IntN(1e9)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := 1 + rng.Int64N(6) // small enough for a day of the week
		if v.Type() == reflect.TypeFor[time.Duration]() {
			n *= int64(time.Minute)
		}
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1 + rng.Uint64N(200))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(1+rng.IntN(80_000)) / 1000) // on earth, as latitude and as longitude
	}
}

// eachTime returns a value whose times have gone through f. It copies what it changes.
func eachTime[T any](v T, f func(time.Time) time.Time) T {
	changeTimes(reflect.ValueOf(&v).Elem(), f)
	return v
}

func changeTimes(v reflect.Value, f func(time.Time) time.Time) {
	switch v.Kind() {
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			v.Set(reflect.ValueOf(f(t)))
			return
		}
		for i := range v.NumField() {
			changeTimes(v.Field(i), f)
		}
	case reflect.Slice:
		copied := reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v)
		for i := range copied.Len() {
			changeTimes(copied.Index(i), f)
		}
		if !v.IsNil() {
			v.Set(copied)
		}
	}
}

// difference names the first place where two values differ, or "". It is what reflect.DeepEqual
// says, but for times, which are equal as instants, and for nil slices, which equal empty ones.
func difference(got, want any) string {
	return differ("value", reflect.ValueOf(got), reflect.ValueOf(want))
}

func differ(at string, a, b reflect.Value) string {
	if a.Type() != b.Type() {
		return fmt.Sprintf("%s is a %s, want %s", at, a.Type(), b.Type())
	}
	switch a.Kind() {
	case reflect.Struct:
		return differStruct(at, a, b)
	case reflect.Slice:
		if a.Len() != b.Len() {
			return fmt.Sprintf("%s has %d elements, want %d", at, a.Len(), b.Len())
		}
		for i := range a.Len() {
			if d := differ(fmt.Sprintf("%s[%d]", at, i), a.Index(i), b.Index(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return fmt.Sprintf("%s is nil: %t, want %t", at, a.IsNil(), b.IsNil())
			}
			return ""
		}
		return differ(at, a.Elem(), b.Elem())
	}
	if !reflect.DeepEqual(a.Interface(), b.Interface()) {
		return fmt.Sprintf("%s is %v, want %v", at, a, b)
	}
	return ""
}

func differStruct(at string, a, b reflect.Value) string {
	if t, ok := a.Interface().(time.Time); ok {
		if u := b.Interface().(time.Time); !t.Equal(u) {
			return fmt.Sprintf("%s is %s, want %s", at, t.Format(time.RFC3339Nano), u.Format(time.RFC3339Nano))
		}
		return ""
	}
	for i := range a.NumField() {
		if d := differ(at+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i)); d != "" {
			return d
		}
	}
	return ""
}
