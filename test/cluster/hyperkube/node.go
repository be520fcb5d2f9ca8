package main

import (
	"flag"

	"github.com/spf13/pflag"
	kubectl "k8s.io/kubectl/pkg/cmd"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func init() {
	parts["kube-proxy"] = part{proxy.NewProxyCommand, goFlags}
	parts["kubectl"] = part{kubectl.NewDefaultKubectlCommand, goFlags}
	// The kubelet parses its flags by itself.
	parts["kubelet"] = part{kubelet.NewKubeletCommand, func() {}}
}

func goFlags() {
	normalizeFlags()
	pflag.CommandLine.AddGoFlagSet(flag.CommandLine)
}
