package random

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"course/plugins/internal/standin"
)

// idSchema lists the properties of random.RandomId.
//
// See https://www.pulumi.com/registry/packages/random/api-docs/randomid/
var idSchema = &standin.Schema{
	Token: "random:index/randomId:RandomId",
	Plain: true,
	Fields: []*standin.Field{
		output("b64Std"),
		output("b64Url"),
		input("byteLength", standin.Int, required, atLeast("byte_length", 1)),
		output("dec"),
		output("hex"),
		input("keepers", standin.Map),
		input("prefix", standin.String),
	},
}

type ids struct{ kept }

func (ids) Schema() *standin.Schema { return idSchema }

// Create makes a number of the length asked for, and writes it in four ways.
func (ids) Create(_ context.Context, _ standin.Call, in standin.Values) (string, error) {
	number := make([]byte, in.Int("byteLength"))
	if _, err := rand.Read(number); err != nil {
		return "", err
	}
	write(in, number)
	return base64.RawURLEncoding.EncodeToString(number), nil
}

// Read believes the state; adopting an identifier takes "id" or "prefix,id", the id in URL-safe base 64.
func (ids) Read(_ context.Context, _ standin.Call, id string, state standin.Values) (string, error) {
	if state.Has("hex") {
		return id, nil
	}
	if at := strings.LastIndex(id, ","); at >= 0 {
		state.Set("prefix", id[:at])
		id = id[at+1:]
	}
	number, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return "", fmt.Errorf("the id %q is not URL-safe base 64: %w", id, err)
	}
	state.Set("byteLength", len(number))
	write(state, number)
	return id, nil
}

func write(state standin.Values, number []byte) {
	prefix := state.Str("prefix")
	state.Set("b64Std", prefix+base64.StdEncoding.EncodeToString(number))
	state.Set("b64Url", prefix+base64.RawURLEncoding.EncodeToString(number))
	state.Set("hex", prefix+hex.EncodeToString(number))
	state.Set("dec", prefix+new(big.Int).SetBytes(number).String())
}
