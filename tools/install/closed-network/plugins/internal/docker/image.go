package docker

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/docker/docker/client"
	"github.com/pulumi/pulumi/pkg/v3/resource/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// images is docker.Image: built here, by BuildKit, and never pushed. It keeps its inputs in the state, as the original
// does, and compares with those.
//
// See https://www.pulumi.com/registry/packages/docker/api-docs/image/
type images struct {
	*client.Client
	host *provider.HostClient
}

// imageInputs are the properties of an image that a build depends on.
type imageInputs struct {
	ImageName string
	Build     buildInputs
	Registry  struct{ Server string }
}

type buildInputs struct {
	AddHosts       []string
	Args           map[string]string
	BuilderVersion string
	Context        string
	Dockerfile     string
	Network        string
	Platform       string
	Target         string
}

var (
	imageProperties = []string{"build", "buildOnPreview", "imageName", "registry", "skipPush"}
	buildProperties = []string{
		"addHosts", "args", "builderVersion", "context", "contextDigest", "dockerfile", "network", "platform", "target",
	}
)

// Check fills in where the context and the Dockerfile are, and sums them up, so that a change of either is a change
// of the image.
func (i *images) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	inputs, err := unmarshal(req.News)
	if err != nil {
		return nil, err
	}
	resp := &pulumirpc.CheckResponse{}
	for _, reason := range imageProblems(inputs) {
		resp.Failures = append(resp.Failures, &pulumirpc.CheckFailure{Reason: reason})
	}
	if len(resp.Failures) == 0 {
		if err := i.fillIn(ctx, resource.URN(req.Urn), inputs); err != nil {
			return nil, err
		}
	}
	resp.Inputs, err = marshal(inputs, req.News)
	return resp, err
}

// imageProblems lists inputs that are unknown, of the wrong type, or that ask for what the stand-in cannot do.
func imageProblems(inputs resource.PropertyMap) []string {
	problems := unknownKeys(inputs, imageProperties, "")
	if v := inputs["imageName"]; v.IsNull() {
		problems = append(problems, "Missing required property 'imageName'")
	} else if !v.IsString() && !v.ContainsUnknowns() {
		problems = append(problems, "imageName must be a string")
	}
	if push := inputs["skipPush"]; !push.ContainsUnknowns() && !(push.IsBool() && push.BoolValue()) {
		problems = append(problems, "the stand-in plugin cannot push images to a registry: set skipPush: true")
	}
	switch build := inputs["build"]; {
	case build.IsNull() || build.IsComputed():
	case !build.IsObject():
		problems = append(problems, "build must be an object")
	default:
		parts := build.ObjectValue()
		if !parts["cacheFrom"].IsNull() {
			problems = append(problems,
				`"build.cacheFrom" is not supported by the stand-in plugin: it has no registry to pull from`)
			delete(parts, "cacheFrom")
		}
		problems = append(problems, unknownKeys(parts, buildProperties, "build.")...)
		builders := []string{"BuilderV1", "BuilderBuildKit"}
		if v := parts["builderVersion"]; v.IsString() && !slices.Contains(builders, v.StringValue()) {
			problems = append(problems, "invalid Docker Builder version")
		}
	}
	return problems
}

func unknownKeys(m resource.PropertyMap, known []string, prefix string) []string {
	var problems []string
	for _, k := range m.StableKeys() {
		if !slices.Contains(known, string(k)) {
			problems = append(problems, fmt.Sprintf("docker.Image has no property %q", prefix+string(k)))
		}
	}
	return problems
}

func (i *images) fillIn(ctx context.Context, urn resource.URN, inputs resource.PropertyMap) error {
	if v := inputs["buildOnPreview"]; v.IsNull() || v.ContainsUnknowns() {
		inputs["buildOnPreview"] = resource.NewBoolProperty(false)
	}
	if inputs["build"].IsComputed() {
		return nil
	}
	if inputs["build"].IsNull() {
		inputs["build"] = resource.NewObjectProperty(resource.PropertyMap{})
	}
	build := inputs["build"].ObjectValue()
	if build["context"].IsNull() {
		build["context"] = resource.NewStringProperty(".")
	}
	if build["dockerfile"].IsNull() && build["context"].IsString() {
		build["dockerfile"] = resource.NewStringProperty(path.Join(build["context"].StringValue(), "Dockerfile"))
	}
	if build["platform"].IsNull() {
		platform := "linux/" + runtime.GOARCH
		build["platform"] = resource.NewStringProperty(platform)
		i.log(ctx, diag.Info, urn, fmt.Sprintf("Building your image for %s architecture.\n"+
			"To ensure you are building for the correct platform, consider explicitly setting the `platform` field on "+
			"ImageBuildOptions.", platform))
	}
	if !build["context"].IsString() || !build["dockerfile"].IsString() {
		return nil
	}
	dir, file := build["context"].StringValue(), build["dockerfile"].StringValue()
	if err := findDockerfile(dir, file); err != nil {
		return err
	}
	digest, err := contextDigest(dir, file)
	if err != nil {
		return err
	}
	build["contextDigest"] = resource.NewStringProperty(digest)
	return nil
}

// findDockerfile says where the Dockerfile was looked for, and whether it is where people often mean it to be:
// relative to the context.
func findDockerfile(dir, file string) error {
	_, err := os.Stat(file)
	if err == nil {
		return nil
	}
	if filepath.IsAbs(file) {
		return fmt.Errorf("expected a relative Dockerfile path; got %q instead: %w", file, err)
	}
	inContext := filepath.Join(dir, file)
	if _, elsewhere := os.Stat(inContext); elsewhere != nil {
		return fmt.Errorf("could not open dockerfile at relative path %q: %w", file, err)
	}
	return fmt.Errorf("could not open dockerfile at relative path %q. Try setting `dockerfile` to %q", file, inContext)
}

// Diff compares with the inputs of the last build. Nothing replaces an image: it is built anew.
func (i *images) Diff(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	state, err := unmarshal(req.Olds)
	if err != nil {
		return nil, err
	}
	news, err := unmarshal(req.News)
	if err != nil {
		return nil, err
	}
	olds := resource.PropertyMap{}
	if v := state["__inputs"]; v.IsObject() {
		olds = v.ObjectValue()
	}
	detailed := map[string]*pulumirpc.PropertyDiff{}
	if d := olds.Diff(news); d != nil {
		for k := range d.Adds {
			detailed[string(k)] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_ADD}
		}
		for k := range d.Deletes {
			detailed[string(k)] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_DELETE}
		}
		for k, change := range d.Updates {
			if k == "registry" && change.Object != nil {
				// Credentials change all the time; only another server is another image.
				if _, moved := change.Object.Updates["server"]; !moved {
					continue
				}
			}
			detailed[string(k)] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_UPDATE}
		}
	}
	if len(detailed) == 0 {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}
	return &pulumirpc.DiffResponse{
		Changes: pulumirpc.DiffResponse_DIFF_SOME, DetailedDiff: detailed, HasDetailedDiff: true,
	}, nil
}

// Create builds the image.
func (i *images) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	id, properties, err := i.make(ctx, resource.URN(req.Urn), req.Properties, req.Preview)
	return &pulumirpc.CreateResponse{Id: id, Properties: properties}, err
}

// Update builds the image anew.
func (i *images) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	_, properties, err := i.make(ctx, resource.URN(req.Urn), req.News, req.Preview)
	return &pulumirpc.UpdateResponse{Properties: properties}, err
}

// Read believes the state, like the original.
func (i *images) Read(_ context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	return &pulumirpc.ReadResponse{Id: req.Id, Inputs: req.Inputs, Properties: req.Properties}, nil
}

// Delete leaves the image where it is, like the original: other builds and containers may use it.
func (i *images) Delete(context.Context, *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// make returns the image's name as its id, and its outputs; in a preview, unless the program asks to build there,
// the inputs only, which leaves every output unknown.
func (i *images) make(
	ctx context.Context, urn resource.URN, properties *structpb.Struct, preview bool,
) (string, *structpb.Struct, error) {
	inputs, err := unmarshal(properties)
	if err != nil {
		return "", nil, err
	}
	if preview {
		wanted := inputs["buildOnPreview"]
		if !wanted.IsBool() || !wanted.BoolValue() {
			return "", properties, nil
		}
		if inputs.ContainsUnknowns() {
			i.log(ctx, diag.Warning, urn, "Minimum inputs for build are unresolved. Continuing "+
				"without preview image build. To avoid this warning, ensure image name, dockerfile, args, and context are "+
				"resolved at preview.")
			return "", properties, nil
		}
	}
	var in imageInputs
	text, err := json.Marshal(inputs.Mappable())
	if err == nil {
		err = json.Unmarshal(text, &in)
	}
	if err != nil {
		return "", nil, fmt.Errorf("docker.Image: %w", err)
	}
	id, relative, err := i.build(ctx, urn, in.ImageName, in.Build)
	if err != nil {
		return "", nil, err
	}
	outputs, err := marshal(resource.PropertyMap{
		"__inputs":       resource.MakeSecret(resource.NewObjectProperty(inputs)),
		"baseImageName":  resource.NewStringProperty(in.ImageName),
		"context":        resource.NewStringProperty(in.Build.Context),
		"dockerfile":     resource.NewStringProperty(relative),
		"imageName":      resource.NewStringProperty(in.ImageName),
		"platform":       resource.NewStringProperty(in.Build.Platform),
		"registryServer": resource.NewStringProperty(in.Registry.Server),
		"repoDigest":     resource.NewStringProperty(id),
	}, properties)
	return in.ImageName, outputs, err
}

// log shows a line under the resource; one that is lost is no reason to fail an operation.
func (i *images) log(ctx context.Context, severity diag.Severity, urn resource.URN, text string) {
	_ = i.host.Log(ctx, severity, urn, text)
}

// unmarshal takes secrets for what is in them.
func unmarshal(s *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(s, plugin.MarshalOptions{KeepUnknowns: true, RejectAssets: true, SkipNulls: true})
}

// marshal makes a secret of what was one in the properties that were given.
func marshal(m resource.PropertyMap, given *structpb.Struct) (*structpb.Struct, error) {
	options := plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, SkipNulls: true}
	before, err := plugin.UnmarshalProperties(given, options)
	if err != nil {
		return nil, err
	}
	hide(m, before)
	return plugin.MarshalProperties(m, options)
}

func hide(m, before resource.PropertyMap) {
	for key, value := range before {
		now, there := m[key]
		if there && now.IsObject() && value.IsObject() {
			hide(now.ObjectValue(), value.ObjectValue())
		} else if there && value.ContainsSecrets() {
			m[key] = resource.MakeSecret(now)
		}
	}
}
