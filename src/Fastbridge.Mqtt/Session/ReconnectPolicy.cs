using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Session;

/// <summary>What follows an end: how long to wait, whether it was said before, and what an operator should be told besides.</summary>
internal readonly record struct ReconnectPlan(TimeSpan Wait, bool Repeated, string? Warning);

/// <summary>
/// Decides when to try again. A server sends a packet that breaks the protocol again and again after each reconnect, so the same violation three times
/// running is said and tried at the longest interval from then on. Not synchronised.
/// </summary>
internal sealed class ReconnectPolicy(MqttClientOptions options, Random random)
{
    /// <summary>3: one may be a glitch, two a coincidence.</summary>
    public const int Running = 3;

    /// <summary>Servers whose last reason is remembered: references may name ever new ones.</summary>
    private const int MostServers = 64;

    private readonly Backoff _backoff = new(options.ReconnectDelay, options.ReconnectDelayMax, random);
    private readonly Dictionary<string, string> _lastReasons = new(StringComparer.Ordinal);
    private Violation? _lastRule;
    private int _running;

    /// <param name="lasted">How long the connection was up.</param>
    /// <param name="server">Whose reason it is: with several servers each repeats its own.</param>
    /// <param name="atOnce">Another server of the round comes next: no wait, and no step of the back-off.</param>
    public ReconnectPlan Plan(ConnectionEnd end, TimeSpan lasted, string server = "", bool atOnce = false)
    {
        bool repeated = _lastReasons.GetValueOrDefault(server) == end.Reason;
        if (_lastReasons.Count >= MostServers)
            _lastReasons.Clear();
        _lastReasons[server] = end.Reason;

        bool same = end.Violation is not null && end.Violation.Rule == _lastRule && lasted < Backoff.Stable;
        _running = end.Violation is null ? 0 : same ? _running + 1 : 1;
        _lastRule = end.Violation?.Rule;

        bool stuck = _running >= Running;
        TimeSpan wait = atOnce ? TimeSpan.Zero : stuck || end.WaitLong ? _backoff.NextLongest() : _backoff.Next(lasted);
        string? warning = _running == Running
            ? $"the same fault {Running} times running: {end.Reason}; trying only every {options.ReconnectDelayMax.TotalSeconds:0.#} s from now on"
            : null;
        return new ReconnectPlan(wait, repeated, warning);
    }
}
