using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core.Live;

/// <summary>One MQTT session as it is remembered. No secret is in it.</summary>
internal sealed record RememberedSession
{
    public required string ClientId { get; init; }

    public string Host { get; init; } = "";

    public int Port { get; init; }

    public bool Tls { get; init; }

    /// <summary>Null where it is no WebSocket. Without its query, which may be signed.</summary>
    public string? WebSocketPath { get; init; }

    public MqttVersion Version { get; init; } = MqttVersion.V5;

    public uint ExpirySeconds { get; init; }

    public string ClusterName { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>Everything that the server may have subscribed for it.</summary>
    public ImmutableArray<string> Filters { get; init; } = [];

    /// <summary>When its connector left it; null while one uses it.</summary>
    public DateTimeOffset? LeftAt { get; init; }

    public string Key => SessionGate.KeyOf(Options);

    /// <summary>As much as is known of how to reach it: no credentials.</summary>
    public MqttClientOptions Options => new() { Host = Host, Port = Port, WebSocketPath = WebSocketPath, Tls = Tls ? new MqttTlsOptions() : null, Version = Version, ClientId = ClientId };
}

/// <summary><c>sessions.json</c>.</summary>
internal static class SessionMemoryFile
{
    /// <summary>What can be read; nothing where there is no file. What does not make sense is passed over.</summary>
    /// <param name="trouble">Null, or why the file could not be used: one line.</param>
    public static ImmutableArray<RememberedSession> Read(string path, out string? trouble)
    {
        trouble = null;
        ImmutableArray<RememberedSession>.Builder sessions = ImmutableArray.CreateBuilder<RememberedSession>();
        try
        {
            if (!File.Exists(path))
                return [];
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (JsonElement one in json.RootElement.GetProperty("sessions").EnumerateArray())
                sessions.Add(Session(one));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            trouble = $"{path}: cannot be read ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); filters that were removed while nothing ran stay subscribed; it is written anew";
        }

        return sessions.ToImmutable();
    }

    /// <exception cref="IOException">See <see cref="WholeFile.Write"/>.</exception>
    public static void Write(string path, ImmutableArray<RememberedSession> sessions)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("sessions");
            foreach (RememberedSession session in sessions)
                Write(json, session);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        WholeFile.Write(path, bytes.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, RememberedSession session)
    {
        json.WriteStartObject();
        json.WriteString("cluster_name", session.ClusterName);
        json.WriteString("connector_name", session.Name);
        json.WriteString("host", session.Host);
        json.WriteNumber("port", session.Port);
        json.WriteBoolean("tls", session.Tls);
        if (session.WebSocketPath is { } path)
            json.WriteString("path", path);
        json.WriteNumber("protocol_version", session.Version == MqttVersion.V5 ? 5 : 4);
        json.WriteString("client_id", session.ClientId);
        json.WriteNumber("session_expiry_interval", session.ExpirySeconds);
        json.WriteStartArray("filters");
        foreach (string filter in session.Filters)
            json.WriteStringValue(filter);
        json.WriteEndArray();
        if (session.LeftAt is { } left)
            json.WriteNumber("left_at", left.ToUnixTimeSeconds());
        json.WriteEndObject();
    }

    private static RememberedSession Session(JsonElement one)
    {
        ImmutableArray<string>.Builder filters = ImmutableArray.CreateBuilder<string>();
        foreach (JsonElement filter in one.GetProperty("filters").EnumerateArray())
            filters.Add(filter.GetString() ?? "");
        return new RememberedSession
        {
            ClusterName = Text(one, "cluster_name"),
            Name = Text(one, "connector_name"),
            Host = Text(one, "host"),
            Port = one.GetProperty("port").GetInt32(),
            Tls = one.GetProperty("tls").GetBoolean(),
            WebSocketPath = one.TryGetProperty("path", out JsonElement path) ? path.GetString() : null,
            Version = one.GetProperty("protocol_version").GetInt32() == 5 ? MqttVersion.V5 : MqttVersion.V311,
            ClientId = Text(one, "client_id"),
            ExpirySeconds = one.GetProperty("session_expiry_interval").GetUInt32(),
            Filters = filters.ToImmutable(),
            LeftAt = one.TryGetProperty("left_at", out JsonElement left) ? DateTimeOffset.FromUnixTimeSeconds(left.GetInt64()) : null,
        };
    }

    private static string Text(JsonElement one, string name) => one.GetProperty(name).GetString() ?? "";
}
