package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	cli "github.com/docker/cli/cli/command/image/build"
	"github.com/moby/go-archive"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
)

// contextDigest sums up everything a build can depend on: the Dockerfile, and the name, the mode and the content of
// every file of the context that is not ignored. The bytes that are summed are those of the original.
//
// See https://www.pulumi.com/registry/packages/docker/api-docs/image/
func contextDigest(dir, dockerfile string) (string, error) {
	ignored, err := ignorePatterns(dir, dockerfile)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	// The Dockerfile counts under one name wherever it is: the builder knows its content only.
	if err := addFile(sum, dockerfile, "Dockerfile", 0); err != nil {
		return "", fmt.Errorf("error hashing dockerfile %q: %w", dockerfile, err)
	}
	err = fsutil.Walk(context.Background(), dir, &fsutil.FilterOpt{ExcludePatterns: ignored},
		func(name string, info fs.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			if err := addFile(sum, filepath.Join(dir, name), name, info.Mode()); err != nil {
				return fmt.Errorf("error while hashing %q: %w", name, err)
			}
			return nil
		})
	if err != nil {
		return "", fmt.Errorf("unable to hash build context: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func addFile(sum hash.Hash, file, name string, mode fs.FileMode) error {
	content := sha256.New()
	switch {
	case mode.Type() == fs.ModeSymlink:
		target, err := filepath.EvalSymlinks(file)
		if err != nil {
			return fmt.Errorf("could not evaluate symlink at %s: %w", file, err)
		}
		io.WriteString(content, filepath.ToSlash(filepath.Clean(target)))
	case mode.IsRegular():
		f, err := os.Open(file)
		if err != nil {
			return fmt.Errorf("could not open file %s: %w", file, err)
		}
		defer f.Close()
		if _, err := io.Copy(content, f); err != nil {
			return fmt.Errorf("could not copy file %s to hash: %w", file, err)
		}
	}
	io.WriteString(sum, filepath.ToSlash(path.Clean(name)))
	io.WriteString(sum, mode.String())
	sum.Write(content.Sum(nil))
	sum.Write([]byte{0})
	return nil
}

// ignorePatterns are those of the Dockerfile's own ignore file, else those of the context's.
//
// See https://docs.docker.com/build/concepts/context/#dockerignore-files
func ignorePatterns(dir, dockerfile string) ([]string, error) {
	for _, file := range []string{dockerfile + ".dockerignore", filepath.Join(dir, ".dockerignore")} {
		f, err := os.Open(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading %q: %w", file, err)
		}
		defer f.Close()
		patterns, err := ignorefile.ReadAll(f)
		if err != nil {
			return nil, fmt.Errorf("unable to parse %q: %w", file, err)
		}
		return patterns, nil
	}
	return nil, nil
}

// buildContext packs what the builder needs. It returns the Dockerfile's path relative to the context, and the name
// under which the builder finds it.
func buildContext(dir, dockerfile string) (content io.ReadCloser, relative, inside string, err error) {
	root, relative, err := cli.GetContextFromLocalDir(dir, dockerfile)
	if err != nil {
		return nil, "", "", fmt.Errorf("error resolving context: %w", err)
	}
	relative = filepath.ToSlash(relative)
	ignored, err := ignorePatterns(dir, dockerfile)
	if err != nil {
		return nil, "", "", fmt.Errorf("error reading ignore file: %w", err)
	}
	content, err = archive.TarWithOptions(root, &archive.TarOptions{
		// The builder needs two files even when they are ignored.
		ExcludePatterns: cli.TrimBuildFilesFromExcludes(ignored, relative, false), ChownOpts: &archive.ChownOpts{},
	})
	if err != nil || !strings.HasPrefix(relative, "../") {
		return content, relative, relative, err
	}
	text, err := os.Open(dockerfile)
	if err != nil {
		return nil, "", "", err
	}
	content, inside, err = cli.AddDockerfileToBuildContext(text, content)
	return content, relative, inside, err
}
