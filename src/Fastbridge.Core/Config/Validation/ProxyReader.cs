using Fastbridge.Core.Config.Reading;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads <c>mqtt.proxy</c>.</summary>
internal static class ProxyReader
{
    public static MqttProxy? Read(ObjectReader mqtt, LoadContext context)
    {
        if (mqtt.Text("proxy") is not { } text)
            return null;
        if (ProxyAddress.TryParse(text.Value, out MqttProxy proxy, out string? fault, out string? remedy))
            return proxy;
        if (text.IsSecret)
            context.FaultWithoutValue(mqtt.Find("proxy")!, fault!, remedy);
        else
            context.Fault(mqtt.Find("proxy")!, fault!, remedy);
        return null;
    }
}
