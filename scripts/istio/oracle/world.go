package main

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/simulation"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/schema/resource"
	kubelib "istio.io/istio/pkg/kube"
)

// world is a mesh with a control plane that knows it.
type world struct {
	test      *failer
	istiod    *xds.FakeDiscoveryServer
	mesh      *meshconfig.MeshConfig
	workloads map[string]*workload
	slices    []*discoveryv1.EndpointSlice
	sent      map[*workload]*simulation.Simulation
	proxies   map[*workload]*model.Proxy
}

// kindsOfZtunnel are the Istio kinds that the ambient index reads from the API server itself.
var kindsOfZtunnel = map[string]bool{"PeerAuthentication": true, "AuthorizationPolicy": true, "WorkloadEntry": true, "ServiceEntry": true}

func newWorld(test *failer, input Mesh) *world {
	w := &world{
		test:      test,
		mesh:      mesh.DefaultMeshConfig(),
		workloads: map[string]*workload{},
		sent:      map[*workload]*simulation.Simulation{},
		proxies:   map[*workload]*model.Proxy{},
	}
	var objects []runtime.Object
	var configs []config.Config
	for _, raw := range input.Objects {
		var object unstructured.Unstructured
		must(json.Unmarshal(raw, &object.Object))
		if schema, ok := schemaOf(object); ok {
			configs = append(configs, configOf(schema, raw))
			if object.GetKind() == "WorkloadEntry" {
				w.add(workloadOfEntry(raw))
			}
			if kindsOfZtunnel[object.GetKind()] {
				objects = append(objects, decoded(raw))
			}
			continue
		}
		typed := decoded(raw)
		switch known := typed.(type) {
		case *corev1.ConfigMap:
			if text := known.Data["mesh"]; known.Name == "istio" && text != "" {
				w.mesh = need(mesh.ApplyMeshConfig(text, w.mesh))
			}
			continue
		case *corev1.Pod:
			w.add(workloadOfPod(known))
			completePod(known)
		case *corev1.Service:
			completeService(known)
		case *discoveryv1.EndpointSlice:
			w.slices = append(w.slices, known)
		}
		objects = append(objects, typed)
	}
	w.istiod = xds.NewFakeDiscoveryServer(test, xds.FakeOptions{KubernetesObjects: objects, Configs: configs, MeshConfig: w.mesh})
	return w
}

// completeService says what the API server would: files leave it out.
func completeService(service *corev1.Service) {
	for i := range service.Spec.Ports {
		if port := &service.Spec.Ports[i]; port.TargetPort == (intstr.IntOrString{}) {
			port.TargetPort = intstr.FromInt32(port.Port)
		}
	}
}

// completePod says of a pod what the API server and a kubelet would.
func completePod(pod *corev1.Pod) {
	if pod.Status.PodIP != "" && len(pod.Status.PodIPs) == 0 {
		pod.Status.PodIPs = []corev1.PodIP{{IP: pod.Status.PodIP}}
	}
	for _, container := range pod.Spec.Containers {
		for i := range container.Ports {
			if container.Ports[i].Protocol == "" {
				container.Ports[i].Protocol = corev1.ProtocolTCP
			}
		}
	}
	if pod.Status.Phase == corev1.PodRunning && len(pod.Status.Conditions) == 0 {
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	}
}

func (w *world) add(added *workload) {
	w.workloads[added.namespace+"/"+added.name] = added
}

// schemaOf finds the schema of an Istio kind; whatever else there is, Kubernetes' client knows.
func schemaOf(object unstructured.Unstructured) (resource.Schema, bool) {
	gvk := object.GroupVersionKind()
	return collections.Istio.FindByGroupVersionAliasesKind(config.GroupVersionKind{Group: gvk.Group, Version: gvk.Version, Kind: gvk.Kind})
}

func configOf(schema resource.Schema, raw []byte) config.Config {
	var object crd.IstioKind
	must(json.Unmarshal(raw, &object))
	return *need(crd.ConvertObject(schema, &object, "cluster.local"))
}

func decoded(raw []byte) runtime.Object {
	object, _, err := kubelib.IstioCodec.UniversalDeserializer().Decode(raw, nil, nil)
	must(err)
	return object
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func need[T any](value T, err error) T {
	if err != nil {
		panic(fmt.Errorf("%T: %w", value, err))
	}
	return value
}
