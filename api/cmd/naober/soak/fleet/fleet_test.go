package fleet

import (
	"errors"
	"path/filepath"
	"reflect"
	"testing"
)

func TestDevicesComeToRest(t *testing.T) {
	t.Parallel()
	r, err := Run(t.Context(), Options{Modes: []Mode{Network, Clones, Restore, Hand}, Seeds: 2, First: 1, Files: t.TempDir(), Workers: 2, Said: t.Output()})
	if err != nil || r.Failed > 0 || r.Seeds != 8 || r.Mutations < 100 || r.Restores == 0 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestASeedDrawsTheSameAndIsReadAgain(t *testing.T) {
	t.Parallel()
	s, file := Draw(Clones, 7), filepath.Join(t.TempDir(), "schedule.json")
	if err := s.Write(file); err != nil {
		t.Fatal(err)
	}
	again, err := ReadSchedule(file)
	if err != nil || !reflect.DeepEqual(s, again) || !reflect.DeepEqual(s, Draw(Clones, 7)) || reflect.DeepEqual(s.Steps, Draw(Clones, 8).Steps) {
		t.Errorf("%v, %+v", err, again)
	}
	if _, err := ReadSchedule(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there was read")
	}
}

// A schedule that fails is made shorter, and still fails when it is read from its file.
func TestWhatFailsIsMadeShorter(t *testing.T) {
	t.Parallel()
	o := Options{Files: t.TempDir(), Said: t.Output(), bug: oneFieldMore()}
	long, file := Draw(Network, 1), filepath.Join(t.TempDir(), "schedule.json")
	short, err := Shrink(t.Context(), o, long)
	if err = errors.Join(err, short.Write(file)); err != nil || len(short.Steps) > 10 {
		t.Fatalf("%d steps are left of %d: %v", len(short.Steps), len(long.Steps), err)
	}
	if r, err := Replay(t.Context(), o, file); err != nil || r.Failed != 1 || r.ForbiddenSeen == 0 {
		t.Errorf("%+v %v", r, err)
	}
	o.bug = bug{}
	if r, err := Replay(t.Context(), o, file); err != nil || r.Failed != 0 {
		t.Errorf("without the mistake: %+v %v", r, err)
	}
}
