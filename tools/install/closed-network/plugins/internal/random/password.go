package random

import (
	"context"
	"fmt"

	"course/plugins/internal/standin"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"golang.org/x/crypto/bcrypt"
)

// passwordSchema lists the properties of random.RandomPassword.
//
// See https://www.pulumi.com/registry/packages/random/api-docs/randompassword/
var passwordSchema = &standin.Schema{
	Token: "random:index/randomPassword:RandomPassword",
	Plain: true,
	// numeric is the newer name of number: what is said of one holds for both.
	Derive: func(inputs resource.PropertyMap) {
		for _, pair := range [][2]resource.PropertyKey{{"number", "numeric"}, {"numeric", "number"}} {
			if value, given := inputs[pair[0]]; given {
				if _, both := inputs[pair[1]]; !both {
					inputs[pair[1]] = value
				}
			}
		}
	},
	Fields: []*standin.Field{
		output("bcryptHash", secret),
		input("keepers", standin.Map),
		input("length", standin.Int, required, atLeast("length", 1)),
		input("lower", standin.Bool, byDefault(true)),
		input("minLower", standin.Int, byDefault(0), atLeast("min_lower", 0)),
		input("minNumeric", standin.Int, byDefault(0), atLeast("min_numeric", 0)),
		input("minSpecial", standin.Int, byDefault(0), atLeast("min_special", 0)),
		input("minUpper", standin.Int, byDefault(0), atLeast("min_upper", 0)),
		input("number", standin.Bool, byDefault(true)),
		input("numeric", standin.Bool, byDefault(true)),
		input("overrideSpecial", standin.String),
		output("result", secret),
		input("special", standin.Bool, byDefault(true)),
		input("upper", standin.Bool, byDefault(true)),
	},
}

const (
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits    = "0123456789"
	specials  = "!@#$%&*()-_=+[]{}<>:?"
)

type passwords struct{ kept }

func (passwords) Schema() *standin.Schema { return passwordSchema }

// Create makes a password of the length and the characters asked for, and the hash of it.
func (passwords) Create(_ context.Context, _ standin.Call, in standin.Values) (string, error) {
	password, err := newPassword(in)
	if err != nil {
		return "", err
	}
	return "none", remember(in, password)
}

// Read believes the state; adopting a password takes the id as the password.
func (passwords) Read(_ context.Context, _ standin.Call, id string, state standin.Values) (string, error) {
	if state.Has("result") {
		return id, nil
	}
	state.Set("length", len([]rune(id)))
	return "none", remember(state, id)
}

func remember(state standin.Values, password string) error {
	// bcrypt takes no more than 72 bytes.
	hash, err := bcrypt.GenerateFromPassword([]byte(password)[:min(len(password), 72)], bcrypt.DefaultCost)
	if err != nil {
		return fmt.Errorf("hashing the password: %w", err)
	}
	state.Set("result", password)
	state.Set("bcryptHash", string(hash))
	return nil
}

func newPassword(in standin.Values) (string, error) {
	special := specials
	if in.Has("overrideSpecial") {
		special = in.Str("overrideSpecial")
	}
	classes := []struct {
		wanted  bool
		letters string
		least   int
	}{
		{in.Bool("lower"), lowerCase, in.Int("minLower")},
		{in.Bool("upper"), upperCase, in.Int("minUpper")},
		{in.Bool("numeric") && in.Bool("number"), digits, in.Int("minNumeric")},
		{in.Bool("special"), special, in.Int("minSpecial")},
	}
	var all string
	var out []byte
	add := func(letters string, n int) error {
		for ; n > 0; n-- {
			i, err := below(len(letters))
			if err != nil {
				return err
			}
			out = append(out, letters[i])
		}
		return nil
	}
	for _, class := range classes {
		if class.wanted {
			all += class.letters
		}
		if err := add(class.letters, class.least); err != nil {
			return "", err
		}
	}
	length := in.Int("length")
	if len(out) > length {
		return "", fmt.Errorf("Attribute length value must be at least sum of "+
			"min_upper + min_lower + min_numeric + min_special, got: %d", length)
	}
	if all == "" {
		return "", fmt.Errorf("at least one of lower, upper, numeric and special must be true")
	}
	if err := add(all, length-len(out)); err != nil {
		return "", err
	}
	for i := len(out) - 1; i > 0; i-- {
		j, err := below(i + 1)
		if err != nil {
			return "", err
		}
		out[i], out[j] = out[j], out[i]
	}
	return string(out), nil
}
