using Fastbridge.Mqtt;

namespace Fastbridge.Core.Live;

/// <summary>
/// Lets one client at a time use an MQTT session: two with one client identifier would throw each other out [MQTT-3.1.4-3]. Whoever comes later waits until
/// all before it have left, in the order of their <see cref="Enter"/>. Any thread.
/// </summary>
internal sealed class SessionGate
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task> _last = new(StringComparer.Ordinal);

    /// <summary>What makes a session: the server's address and the client identifier. Host names know no case.</summary>
    public static string KeyOf(MqttClientOptions options) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{options.Host.ToLowerInvariant()}:{options.Port}/{options.ClientId}");

    /// <summary>Takes a place in the line; to be left once, also by who never came to use the session.</summary>
    public Pass Enter(MqttClientOptions options)
    {
        // The server gives an identifier of its own to each: nobody is in anybody's way.
        if (options.ClientId.Length == 0)
            return new Pass(Task.CompletedTask);
        string key = KeyOf(options);
        lock (_lock)
        {
            var pass = new Pass(_last.GetValueOrDefault(key, Task.CompletedTask));
            _last[key] = pass.Left;
            _ = pass.Left.ContinueWith(left => Forget(key, left), TaskScheduler.Default);
            return pass;
        }
    }

    private void Forget(string key, Task left)
    {
        lock (_lock)
        {
            if (_last.TryGetValue(key, out Task? last) && last == left)
                _last.Remove(key);
        }
    }

    /// <summary>A place in a session's line.</summary>
    /// <param name="before">Completes when all before have left.</param>
    public sealed class Pass(Task before)
    {
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Before => before;

        /// <summary>Completes when this one and all before it have left.</summary>
        public Task Left => _left.Task;

        /// <summary>The session is free for the next. Any number of times.</summary>
        public void Leave() => _ = before.ContinueWith(_ => _left.TrySetResult(), TaskScheduler.Default);
    }
}
