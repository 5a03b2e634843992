namespace Fastbridge.Mqtt.Protocol;

/// <summary>Quality of Service [4.3], as its two bits stand on the wire.</summary>
public enum QoS : byte
{
    AtMostOnce = 0,
    AtLeastOnce = 1,
    ExactlyOnce = 2,
}
