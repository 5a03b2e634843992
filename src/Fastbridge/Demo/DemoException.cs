namespace Fastbridge.Demo;

/// <summary>The demo cannot go on; one line with the remedy.</summary>
internal sealed class DemoException(string message) : Exception(message);
