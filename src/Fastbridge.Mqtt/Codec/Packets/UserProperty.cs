namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>A User Property [2.2.2.2]: a name and a value; names may repeat, and order is kept.</summary>
public readonly record struct UserProperty(string Key, string Value);
