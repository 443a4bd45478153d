package kubernetes

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// cluster is the connection to the API server that the settings lead to.
type cluster struct {
	// namespace is that of objects that name none.
	namespace string
	objects   dynamic.Interface
	raw       rest.Interface

	// problem says why the settings lead nowhere.
	problem string
	asked   sync.Once
	kinds   sync.Map
}

// patience is for how long an API server may leave the first question unanswered.
const patience = 10 * time.Second

// connect reads the kubeconfig. It asks nothing of the cluster; a broken kubeconfig is told by the first operation
// that needs the cluster, so that programs that need none still run.
func connect(s settings) *cluster {
	c := &cluster{namespace: s.namespace}
	overrides := &clientcmd.ConfigOverrides{
		Context:        api.Context{Cluster: s.cluster, Namespace: s.namespace},
		CurrentContext: s.context,
	}
	var from clientcmd.ClientConfig
	if s.kubeconfig != "" {
		content, err := parseKubeconfig(s.kubeconfig)
		if err != nil {
			c.problem = fmt.Sprintf("the provider setting kubeconfig cannot be read: %v", err)
			return c
		}
		from = clientcmd.NewDefaultClientConfig(*content, overrides)
	} else {
		from = clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
			clientcmd.NewDefaultClientConfigLoadingRules(), overrides)
	}
	if namespace, _, err := from.Namespace(); err == nil {
		c.namespace = namespace
	}
	config, err := from.ClientConfig()
	if err == nil {
		err = c.use(config, s.client)
	}
	if err != nil {
		c.problem = fmt.Sprintf("unable to load Kubernetes client configuration from kubeconfig file. Make sure you "+
			"have: \n\n \t • set up the provider as per "+
			"https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ \n\n %v", err)
	}
	return c
}

func (c *cluster) use(config *rest.Config, s clientSettings) error {
	config.UserAgent = "pulumi-kubernetes/" + Version
	config.WarningHandler = rest.NoWarnings{}
	config.QPS = -1 // the API server has its own ways to slow a client down
	if s.QPS != nil {
		config.QPS = *s.QPS
	}
	if s.Burst != nil {
		config.Burst = *s.Burst
	}
	if s.Timeout != nil {
		config.Timeout = time.Duration(*s.Timeout) * time.Second
	}
	connection, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	if c.objects, err = dynamic.NewForConfigAndClient(config, connection); err != nil {
		return err
	}
	forText := dynamic.ConfigFor(config)
	forText.GroupVersion = nil
	c.raw, err = rest.UnversionedRESTClientForConfigAndClient(forText, connection)
	return err
}

// unreachable says why nothing can be asked of the cluster, "" when it answers. It is asked once: an API server that
// goes away later makes the operations fail that need it.
func (c *cluster) unreachable(ctx context.Context) string {
	c.asked.Do(func() {
		if c.problem != "" {
			return
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		err := c.raw.Get().AbsPath("/version").Do(ctx).Error()
		if _, answered := err.(apierrors.APIStatus); err != nil && !answered {
			c.problem = fmt.Sprintf("the API server does not answer: %v", err)
		}
	})
	return c.problem
}

// parseKubeconfig reads a kubeconfig from its path, which may start with ~, or from its contents.
func parseKubeconfig(pathOrContents string) (*api.Config, error) {
	path := pathOrContents
	if path == "~" || strings.HasPrefix(path, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(home, path[1:])
		}
	}
	if _, err := os.Stat(path); err != nil {
		return clientcmd.Load([]byte(pathOrContents))
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return clientcmd.Load(content)
}
