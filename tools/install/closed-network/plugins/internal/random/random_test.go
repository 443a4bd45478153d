package random

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"course/plugins/internal/standin"

	"golang.org/x/crypto/bcrypt"
)

func values(m map[string]any) standin.Values {
	return standin.Values{PropertyMap: standin.ToProperty(m).ObjectValue()}
}

func TestIDFormats(t *testing.T) {
	in := values(map[string]any{"prefix": "p-"})
	write(in, []byte{0xfb, 0xff, 0x01, 0x00})
	for name, want := range map[string]string{
		"hex": "p-fbff0100", "dec": "p-4227793152", "b64Std": "p-+/8BAA==", "b64Url": "p--_8BAA",
	} {
		if got := in.Str(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestIDIsAdopted(t *testing.T) {
	state := values(map[string]any{})
	id, err := ids{}.Read(context.Background(), standin.Call{}, "a,b,-_8BAA", state)
	if err != nil || id != "-_8BAA" || state.Str("prefix") != "a,b" || state.Int("byteLength") != 4 {
		t.Errorf("got %q, %v, %v", id, state, err)
	}
}

func TestPassword(t *testing.T) {
	all := map[string]any{"lower": true, "upper": true, "numeric": true, "number": true, "special": true}
	with := func(changes map[string]any) standin.Values {
		merged := map[string]any{}
		for _, m := range []map[string]any{all, changes} {
			for k, v := range m {
				merged[k] = v
			}
		}
		return values(merged)
	}
	for pattern, changes := range map[string]map[string]any{
		`^[a-zA-Z0-9]{24}$`: {"length": 24, "special": false},
		`^[0-9]{5}$`:        {"length": 5, "special": false, "upper": false, "lower": false},
		`^[_]{4}$`:          {"length": 4, "minSpecial": 4, "overrideSpecial": "_"},
	} {
		got, err := newPassword(with(changes))
		if err != nil || !regexp.MustCompile(pattern).MatchString(got) {
			t.Errorf("%s: %q, %v", pattern, got, err)
		}
	}
	got, err := newPassword(with(map[string]any{"length": 40, "minUpper": 30, "minNumeric": 5}))
	if err != nil || len(regexp.MustCompile(`[A-Z]`).FindAllString(got, -1)) < 30 || len(regexp.MustCompile(`[0-9]`).FindAllString(got, -1)) < 5 {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := newPassword(with(map[string]any{"length": 2, "minUpper": 3})); err == nil || !strings.Contains(err.Error(), "at least sum") {
		t.Errorf("got %v", err)
	}
	if _, err := newPassword(values(map[string]any{"length": 2})); err == nil {
		t.Error("a password of nothing was made")
	}
}

func TestPasswordIsHashed(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, password := range []string{"short", long} {
		state := values(map[string]any{})
		if err := remember(state, password); err != nil {
			t.Fatal(err)
		}
		if bcrypt.CompareHashAndPassword([]byte(state.Str("bcryptHash")), []byte(password)[:min(len(password), 72)]) != nil {
			t.Errorf("%s: the hash is another password's", password)
		}
	}
}

func TestNumericFollowsNumber(t *testing.T) {
	in := values(map[string]any{"number": false})
	passwordSchema.Derive(in.PropertyMap)
	if !in.PropertyMap["numeric"].IsBool() || in.Bool("numeric") {
		t.Errorf("got %v", in)
	}
}
