package main

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pilot/pkg/model"
	labelutil "istio.io/istio/pilot/pkg/serviceregistry/util/label"
	"istio.io/istio/pilot/pkg/simulation"
	"istio.io/istio/pkg/config/constants"
	"istio.io/istio/pkg/spiffe"
	"istio.io/istio/pkg/util/protomarshal"
)

type plane string

const (
	planeNone    plane = "none"
	planeSidecar plane = "sidecar"
	planeGateway plane = "gateway"
	planeAmbient plane = "ambient"
)

// workload is a Pod or a WorkloadEntry, as far as a proxy's place before it goes.
type workload struct {
	namespace, name, ip, serviceAccount string
	labels, annotations                 map[string]string
	plane                               plane
	machine                             bool
}

func workloadOfPod(pod *corev1.Pod) *workload {
	w := &workload{
		namespace: pod.Namespace, name: pod.Name, ip: pod.Status.PodIP, serviceAccount: pod.Spec.ServiceAccountName,
		labels: pod.Labels, annotations: pod.Annotations, plane: planeNone,
	}
	if w.serviceAccount == "" {
		w.serviceAccount = "default"
	}
	if pod.Annotations["ambient.istio.io/redirection"] == "enabled" {
		w.plane = planeAmbient
	}
	containers := pod.Spec.Containers
	for _, container := range pod.Spec.InitContainers {
		if container.RestartPolicy != nil && *container.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			containers = append(slices.Clone(containers), container)
		}
	}
	for _, container := range containers {
		if container.Name == "istio-proxy" && !pod.Spec.HostNetwork {
			w.plane = planeSidecar
			if slices.Contains(container.Args, "router") {
				w.plane = planeGateway
			}
		}
	}
	return w
}

// workloadOfEntry takes a machine for one with a proxy where its WorkloadEntry says that it speaks mTLS.
func workloadOfEntry(raw []byte) *workload {
	var object struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
		Spec     json.RawMessage   `json:"spec"`
	}
	must(json.Unmarshal(raw, &object))
	var spec networking.WorkloadEntry
	must(protomarshal.ApplyJSON(string(object.Spec), &spec))
	w := &workload{
		namespace: object.Metadata.Namespace, name: object.Metadata.Name, ip: spec.Address, serviceAccount: spec.ServiceAccount,
		labels: map[string]string{}, annotations: object.Metadata.Annotations, plane: planeNone, machine: true,
	}
	for key, value := range object.Metadata.Labels {
		w.labels[key] = value
	}
	for key, value := range spec.Labels {
		w.labels[key] = value
	}
	if w.serviceAccount == "" {
		w.serviceAccount = "default"
	}
	if _, marked := w.labels["security.istio.io/tlsMode"]; marked || spec.ServiceAccount != "" {
		w.plane = planeSidecar
	}
	return w
}

// proxy is what istiod would know of the workload's proxy when it connects.
func (w *world) proxy(of *workload) *model.Proxy {
	if known := w.proxies[of]; known != nil {
		return known
	}
	kind := model.SidecarProxy
	if of.plane == planeGateway {
		kind = model.Router
	}
	metadata := &model.NodeMetadata{
		Namespace: of.namespace, Labels: of.labels, ServiceAccount: of.serviceAccount,
		ClusterID: constants.DefaultClusterName, IstioVersion: "1.32.0",
		InterceptionMode: model.TrafficInterceptionMode(of.annotations["sidecar.istio.io/interceptionMode"]),
		EnableHBONE:      model.StringBool(strings.Contains(of.labels["networking.istio.io/tunnel"], "http")),
	}
	proxy := &model.Proxy{
		Type: kind, ID: of.name + "." + of.namespace, ConfigNamespace: of.namespace, IPAddresses: []string{of.ip},
		Labels:   labelutil.AugmentLabels(of.labels, constants.DefaultClusterName, "", "", ""),
		Metadata: metadata,
	}
	w.proxies[of] = w.istiod.SetupProxy(proxy)
	return w.proxies[of]
}

// simulated is what istiod sends to the workload's proxy.
func (w *world) simulated(of *workload) *simulation.Simulation {
	if known := w.sent[of]; known != nil {
		return known
	}
	w.sent[of] = simulation.NewSimulation(nil, w.istiod, w.proxy(of))
	return w.sent[of]
}

func (w *world) identity(of *workload) string {
	return spiffe.URIPrefix + w.mesh.TrustDomain + "/ns/" + of.namespace + "/sa/" + of.serviceAccount
}

func (of *workload) annotation(name string) string {
	return of.annotations["traffic.sidecar.istio.io/"+name]
}

// inboundCaptured tells whether iptables send what arrives on a port to the sidecar. Istio's control plane does not decide that.
func (of *workload) inboundCaptured(port int) bool {
	if of.annotations["sidecar.istio.io/interceptionMode"] == "NONE" || slices.Contains([]int{15090, 15021, 15020, 15008}, port) {
		return false
	}
	if include, ok := of.annotations["traffic.sidecar.istio.io/includeInboundPorts"]; ok && include != "*" {
		return listed(include, port)
	}
	return !listed(of.annotation("excludeInboundPorts"), port)
}

// outboundCaptured tells whether iptables send what the workload dials to its sidecar.
func (of *workload) outboundCaptured(address string, port int) bool {
	if of.annotations["sidecar.istio.io/interceptionMode"] == "NONE" || listed(of.annotation("excludeOutboundPorts"), port) {
		return false
	}
	if within(of.annotation("excludeOutboundIPRanges"), address) {
		return false
	}
	include, ok := of.annotations["traffic.sidecar.istio.io/includeOutboundIPRanges"]
	return !ok || include == "*" || within(include, address)
}

func listed(list string, port int) bool {
	return slices.Contains(strings.Split(list, ","), strconv.Itoa(port))
}

func within(ranges, address string) bool {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, text := range strings.Split(ranges, ",") {
		if prefix, err := netip.ParsePrefix(strings.TrimSpace(text)); err == nil && prefix.Contains(ip) {
			return true
		}
	}
	return false
}
