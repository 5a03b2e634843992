using System.Collections.Immutable;
using System.Globalization;

namespace Fastbridge.Mqtt.Session;

/// <summary>
/// Which server is tried next. A round is every server once, beginning where the connection was last, for the session is there; where a server sends us
/// elsewhere, that comes first. Not synchronised: the client's loop owns it.
/// </summary>
internal sealed class ServerRound
{
    /// <summary>5 references running: a cluster needs one, and two servers that send us to each other must not keep us busy.</summary>
    public const int MostReferences = 5;

    /// <summary>Of one reference's list, as many names as anybody tries.</summary>
    private const int MostInOne = 8;

    private readonly ImmutableArray<MqttServer> _configured;
    private readonly bool _follow;
    private readonly bool _tls;
    private readonly List<MqttServer> _left;
    private MqttServer _home;
    private int _followed;

    public ServerRound(MqttClientOptions options)
    {
        _configured = options.Servers;
        _follow = options.FollowServerReference;
        _tls = options.Tls is not null;
        _home = Current = _configured[0];
        _left = [.. _configured.Skip(1)];
    }

    /// <summary>The server to connect to now.</summary>
    public MqttServer Current { get; private set; }

    /// <summary>A connection ended or was not made: decides on <see cref="Current"/>.</summary>
    /// <param name="lasted">How long it was up; zero where it never was.</param>
    /// <param name="remark">Why a reference is not followed; null where there is nothing to say.</param>
    /// <returns>True: at once. False: the round is over, or a connection was lost: after the back-off.</returns>
    public bool Next(ConnectionEnd end, TimeSpan lasted, out string? remark)
    {
        bool wasConnected = lasted > TimeSpan.Zero;
        if (lasted >= Backoff.Stable)
            _followed = 0;
        if (wasConnected)
            Begin(Current);
        if (Referred(end.Reference, out remark) is { Count: > 0 } elsewhere)
        {
            _left.RemoveAll(elsewhere.Contains);
            if (wasConnected)
                _left.Add(Current);
            _left.InsertRange(0, elsewhere);
            Take();
            return !wasConnected;
        }

        if (wasConnected)
            return false;
        if (_left.Count > 0)
        {
            Take();
            return true;
        }

        _followed = 0;
        Begin(_home);
        return false;
    }

    private void Take()
    {
        Current = _left[0];
        _left.RemoveAt(0);
    }

    /// <summary>A new round from <paramref name="first"/> on, in the configured order around the circle.</summary>
    private void Begin(MqttServer first)
    {
        _home = Current = first;
        _left.Clear();
        int at = _configured.IndexOf(first);
        for (int i = 1; i <= _configured.Length; i++)
        {
            MqttServer server = _configured[(at + i) % _configured.Length];
            if (server != first)
                _left.Add(server);
        }
    }

    private List<MqttServer>? Referred(string? reference, out string? remark)
    {
        remark = null;
        if (reference is null)
            return null;
        if (!_follow)
        {
            remark = "set mqtt.server to that, or mqtt.follow_server_reference to true";
            return null;
        }

        if (_followed == MostReferences)
        {
            remark = string.Create(CultureInfo.InvariantCulture, $"not followed after {MostReferences} such references running; do the servers send their clients round in a circle?");
            return null;
        }

        List<MqttServer> servers = Parse(reference);
        if (servers.Count == 0)
            remark = $"not followed: it names no other server {(_tls ? "that speaks TLS" : "of the same kind")}; set mqtt.server";
        else
            _followed++;
        return servers;
    }

    /// <summary>
    /// Names with an optional port, separated by blanks; IPv6 addresses in brackets [4.11]. Without a port the present server's counts. A scheme is borne where it is
    /// the present one's: a reference must not lead from TLS to a plain connection.
    /// </summary>
    private List<MqttServer> Parse(string reference)
    {
        List<MqttServer> servers = [];
        foreach (string word in reference.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string rest = word;
            int scheme = rest.IndexOf("://", StringComparison.Ordinal);
            if (scheme >= 0)
            {
                bool same = rest[..scheme].ToUpperInvariant() switch
                {
                    "MQTT" or "TCP" => !_tls && Current.WebSocketPath is null,
                    "MQTTS" or "SSL" => _tls && Current.WebSocketPath is null,
                    _ => false,
                };
                rest = same ? rest[(scheme + 3)..].TrimEnd('/') : "";
            }

            if (TrySplit(rest, out string host, out int port) && new MqttServer(host, port, Current.WebSocketPath) is var server
                && server != Current && !servers.Contains(server) && servers.Count < MostInOne)
                servers.Add(server);
        }

        return servers;
    }

    private bool TrySplit(string text, out string host, out int port)
    {
        (host, port) = (text, Current.Port);
        string? number = null;
        int close = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) : -1;
        int colon = text.IndexOf(':', Math.Max(close, 0));
        if (close > 0)
        {
            host = text[1..close];
            if (close + 1 < text.Length && colon != close + 1)
                return false;
            if (!System.Net.IPAddress.TryParse(host, out _))
                return false;
        }
        else if (colon >= 0)
        {
            host = text[..colon];
        }

        if (colon >= 0)
            number = text[(colon + 1)..];
        if (number is not null && (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65_535))
            return false;
        return host.Length is > 0 and <= 253 && !host.Any(c => char.IsControl(c) || c is '/' or '?' or '#' or '@' or '%' or '\\');
    }
}
