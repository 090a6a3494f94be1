package fleet

import (
	"path/filepath"
	"reflect"
	"testing"
)

func TestDevicesComeToRest(t *testing.T) {
	t.Parallel()
	r, err := Run(t.Context(), Options{Modes: []Mode{Network, Clones, Restore}, Seeds: 2, First: 1, Files: t.TempDir(), Workers: 2, Said: t.Output()})
	if err != nil || r.Failed > 0 || r.Seeds != 6 || r.Mutations < 100 || r.Restores == 0 {
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
